using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Sasl;

/// <summary>Finds an application's configuration file where Cyrus SASL looks for it, and tells where it looked.</summary>
/// <remarks>
/// Three lists of directories, of which the first that is not empty counts alone: the application's, the environment's, the system's.
/// In it the first file counts alone. Unlike in Cyrus SASL, a file that is there and cannot be read is an error, never skipped.
/// </remarks>
public sealed record SaslConfigurationFinder
{
    /// <summary>The environment variable of Cyrus SASL 2.1.28 with a list of directories.</summary>
    public const string PathVariable = "SASL_CONF_PATH";

    /// <summary>The name that Cyrus SASL's development version has for the same variable; heard when the older is not set.</summary>
    public const string DirectoryVariable = "SASL_CONFDIR";

    private const string Extension = ".conf";
    private const int MaxApplicationLength = 128;

    /// <summary>The directories of Debian's Cyrus SASL on Linux, then Red Hat's; Cyrus SASL's own defaults elsewhere.</summary>
    public static ImmutableArray<string> UsualDirectories { get; } = FindUsualDirectories();

    /// <summary>The directories the application names; empty, the default, leaves the choice to the environment and the system.</summary>
    public ImmutableArray<string> Directories { get; init; } = [];

    /// <summary>The directories to look in when neither the application nor the environment names any.</summary>
    public ImmutableArray<string> SystemDirectories { get; init; } = UsualDirectories;

    /// <summary>The keys somebody reads; others get a warning.</summary>
    public ImmutableArray<SaslConfigurationKey> KnownKeys { get; init; } = SaslConfigurationKeys.All;

    internal Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    internal Func<bool> HasForeignRights { get; init; } = static () => UnixProcess.HasForeignRights;

    /// <summary>Splits a list of directories as environment variables and Postfix's <c>cyrus_sasl_config_path</c> write it.</summary>
    /// <param name="list">Directories separated by <c>:</c>, on Windows by <c>;</c>. Empty ones are left out.</param>
    public static ImmutableArray<string> SplitPath(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Looks for <c>&lt;application&gt;.conf</c> and reads it. No file at all is no error.</summary>
    /// <param name="application">The application's name, such as <c>smtpd</c>; not the service's (<c>smtp</c>), and no path.</param>
    /// <exception cref="ArgumentException">The name cannot be a file's.</exception>
    /// <exception cref="SaslConfigurationException">The file cannot be read or parsed; the message names it, and the line or its mode and owner.</exception>
    public SaslConfigurationSearch Find(string application)
    {
        SaslConfigurationSearch search = Look(application);
        if (search.Error is { } error)
            ExceptionDispatchInfo.Throw(error);
        return search;
    }

    /// <summary>Looks as <see cref="Find"/> does, but tells of a file that cannot be used in <see cref="SaslConfigurationSearch.Error"/>, so that
    /// the places looked at can be shown beside it. The options are empty then: never build a server of them.</summary>
    /// <param name="application">The application's name, such as <c>smtpd</c>; not the service's (<c>smtp</c>), and no path.</param>
    /// <exception cref="ArgumentException">The name cannot be a file's.</exception>
    public SaslConfigurationSearch Look(string application)
    {
        string file = FileNameOf(application);
        List<SaslConfigurationWarning> warnings = [];
        ImmutableArray<DirectoryList> lists = ListDirectories(warnings);
        List<SaslConfigurationPlace> places = [];
        SaslConfiguration? configuration = null;
        SaslConfigurationException? error = null;
        foreach (string path in PathsIn(lists[0].Directories, file))
        {
            bool decided = configuration is not null || error is not null;
            if (!decided)
                (configuration, error) = Read(path);
            places.Add(new SaslConfigurationPlace(path, decided ? StateOfLater(path)
                : error is not null ? SaslConfigurationPlaceState.Unusable
                : configuration is not null ? SaslConfigurationPlaceState.Used
                : SaslConfigurationPlaceState.Missing));
        }
        places.AddRange(lists.Skip(1).SelectMany(list => PathsIn(list.Directories, file))
            .Distinct().Where(path => IsThere(path) && !places.Exists(place => place.Path == path))
            .Select(static path => new SaslConfigurationPlace(path, SaslConfigurationPlaceState.PassedOver)).ToArray());

        configuration ??= SaslConfiguration.Empty;
        warnings.AddRange(places.Select(place => WarningOf(place, places, lists[0])).OfType<SaslConfigurationWarning>());
        warnings.AddRange(configuration.Check(KnownKeys));
        return new SaslConfigurationSearch(application, lists[0].Origin, lists[0].Name, [.. places], configuration, [.. warnings], error);
    }

    // Neither is set when there is no file.
    private static (SaslConfiguration? Configuration, SaslConfigurationException? Error) Read(string path)
    {
        try
        {
            return (ConfigurationFile.Read(path) is { } text ? SaslConfiguration.Parse(text, path) : null, null);
        }
        catch (SaslConfigurationException exception)
        {
            return (null, exception);
        }
    }

    private static SaslConfigurationPlaceState StateOfLater(string path) =>
        IsThere(path) ? SaslConfigurationPlaceState.Shadowed : SaslConfigurationPlaceState.Missing;

    // The list that counts comes first.
    private ImmutableArray<DirectoryList> ListDirectories(List<SaslConfigurationWarning> warnings)
    {
        ImmutableArray<DirectoryList>.Builder lists = ImmutableArray.CreateBuilder<DirectoryList>();
        if (!Directories.IsEmpty)
            lists.Add(new DirectoryList(SaslConfigurationOrigin.Application, "the application", Directories));

        string[] set = [.. new[] { PathVariable, DirectoryVariable }.Where(name => !string.IsNullOrEmpty(Environment(name)))];
        bool trusted = set.Length == 0 || !HasForeignRights();
        if (!trusted)
            warnings.Add(new SaslConfigurationWarning(new(set[0]), "is not heard, because the process has rights that are not its user's (set-user-ID)"));
        else if (set.Length > 0)
            lists.Add(new DirectoryList(SaslConfigurationOrigin.Environment, $"the environment variable {set[0]}", SplitPath(Environment(set[0])!)));
        if (trusted && set.Length > 1)
            warnings.Add(new SaslConfigurationWarning(new(set[1]), $"is not heard, because {set[0]} is set, too"));

        lists.Add(new DirectoryList(SaslConfigurationOrigin.System, "the system's custom", SystemDirectories));
        return lists.ToImmutable();
    }

    private static SaslConfigurationWarning? WarningOf(SaslConfigurationPlace place, List<SaslConfigurationPlace> places, DirectoryList list) => place.State switch
    {
        SaslConfigurationPlaceState.Missing or SaslConfigurationPlaceState.Used or SaslConfigurationPlaceState.Unusable => null,
        SaslConfigurationPlaceState.Shadowed => new(
            new(place.Path), $"is not read, because {places.First(static other => other.State is SaslConfigurationPlaceState.Used or SaslConfigurationPlaceState.Unusable).Path} comes first"),
        SaslConfigurationPlaceState.PassedOver => new(new(place.Path), $"is not read, because {list.Name} names other directories"),
    };

    private static string FileNameOf(string application)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        bool usable = application.Length <= MaxApplicationLength
            && !application.AsSpan().ContainsAny('/', '\\') && !application.Any(char.IsControl);
        return usable ? application + Extension : throw new ArgumentException(
            $"An application's name has at most {MaxApplicationLength} characters and neither '/' nor '\\' nor control characters.", nameof(application));
    }

    private static IEnumerable<string> PathsIn(ImmutableArray<string> directories, string file) =>
        directories.Where(static directory => directory.Length > 0)
            .Select(directory => Path.Combine(System.Environment.CurrentDirectory, directory, file)).Distinct();

    private static bool IsThere(string path) => File.Exists(path) || Directory.Exists(path);

    private static ImmutableArray<string> FindUsualDirectories()
    {
        if (OperatingSystem.IsWindows())
            return [Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.CommonApplicationData), "sasl2")];
        if (!OperatingSystem.IsLinux())
            return ["/usr/lib/sasl2", "/usr/local/lib/sasl2", "/etc/sasl2"];
        return ["/etc/sasl2", "/etc/sasl", .. DebianLibrary(), "/usr/lib/sasl2", "/usr/lib64/sasl2"];
    }

    // Debian names the directory after the processor (its "multiarch triplet").
    private static ImmutableArray<string> DebianLibrary()
    {
        string? triplet = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x86_64-linux-gnu",
            Architecture.X86 => "i386-linux-gnu",
            Architecture.Arm64 => "aarch64-linux-gnu",
            Architecture.Arm => "arm-linux-gnueabihf",
            Architecture.Armv6 => "arm-linux-gnueabi",
            Architecture.Ppc64le => "powerpc64le-linux-gnu",
            Architecture.S390x => "s390x-linux-gnu",
            Architecture.RiscV64 => "riscv64-linux-gnu",
            Architecture.LoongArch64 => "loongarch64-linux-gnu",
            Architecture.Wasm => null,
        };
        return triplet is null ? [] : [$"/usr/lib/{triplet}/sasl2"];
    }

    private sealed record DirectoryList(SaslConfigurationOrigin Origin, string Name, ImmutableArray<string> Directories);
}
