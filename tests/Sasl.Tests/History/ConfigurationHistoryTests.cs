using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>Configurations that Cyrus SASL goes on without, and environments that it believed.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class ConfigurationHistoryTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("history");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Unreadable_configuration_fails_closed()
    {
        string path = _folder.Write("smtpd.conf", "mech_list: PLAIN\npwcheck_method: auxprop\n");
        File.SetUnixFileMode(path, UnixFileMode.None);
        string message = WithoutRights(() => Assert.Throws<SaslConfigurationException>(() => Build()).Message);
        Assert.StartsWith($"{path}: cannot be read (mode 0000, owner ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_configuration_fails_closed_although_another_could_be_read()
    {
        string path = _folder.Write("first/smtpd.conf", "mech_list: PLAIN\n");
        _folder.Write("second/smtpd.conf", "mech_list: PLAIN\n");
        File.SetUnixFileMode(path, UnixFileMode.None);
        string message = WithoutRights(() => Assert.Throws<SaslConfigurationException>(() => Build("first", "second")).Message);
        Assert.StartsWith($"{path}: cannot be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_in_the_place_of_the_configuration_fails_closed()
    {
        Directory.CreateDirectory(_folder.At("smtpd.conf"));
        Assert.Equal($"{_folder.At("smtpd.conf")}: is a directory; a file is expected", Assert.Throws<SaslConfigurationException>(() => Build()).Message);
    }

    [Theory]
    [InlineData("mech_list = PLAIN", "smtpd.conf(1): expected 'key: value'; there is '=' where ':' belongs")]
    [InlineData("\nmech_list : PLAIN", "smtpd.conf(2): expected 'key: value'; there is white space before the ':'")]
    [InlineData("mech_list:", "smtpd.conf(1): mech_list: expected 'key: value'; it has no value")]
    [InlineData("mech_list: SCRAM-SHA-512,PLAIN", "smtpd.conf(1): mech_list: a comma does not separate words")]
    [InlineData("pwcheck_method: auxprop,saslauthd", "smtpd.conf(1): pwcheck_method: a comma does not separate words")]
    [InlineData("pwcheck_method: auxprpo", "smtpd.conf(1): pwcheck_method: there is no password verifier 'auxprpo'; accepted are auxprop")]
    [InlineData("auxprop_plugin: sqll", "smtpd.conf(1): auxprop_plugin: there is no credential store 'sqll'; accepted are ")]
    [InlineData("canon_user_plugin: EXTERNAL", "smtpd.conf(1): canon_user_plugin: there is no canonicalizer 'EXTERNAL'; accepted are INTERNAL")]
    [InlineData("mech_list: KERBEROS_V9", "smtpd.conf(1): mech_list: ")]
    public void Broken_configuration_fails_closed_with_file_line_and_what_would_be_accepted(string text, string message) => Assert.StartsWith(
        message, Assert.Throws<SaslConfigurationException>(() => Builders.Memory().Build("smtp", Builders.Conf(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_PLUS_name_in_any_place_of_mech_list_counts()
    {
        // Cyrus SASL recognises the suffix on the last word only.
        using SaslServerSetup setup = Builders.Memory().Build("smtp", Builders.Conf("mech_list: SCRAM-SHA-256-PLUS PLAIN"));
        Assert.Equal(["SCRAM-SHA-256-PLUS", "PLAIN"], setup.Offer(World.Tls));
    }

    [Fact]
    public void CVE_2004_0884_Environment_is_ignored_in_privileged_processes()
    {
        _folder.Write("smtpd.conf", "mech_list: PLAIN\n");
        var finder = new SaslConfigurationFinder
        {
            SystemDirectories = [],
            Environment = name => name is SaslConfigurationFinder.PathVariable or SaslConfigurationFinder.DirectoryVariable ? _folder.FullPath : null,
        };
        Assert.NotNull(finder.Find("smtpd").File);
        SaslConfigurationSearch privileged = (finder with { HasForeignRights = static () => true }).Find("smtpd");
        Assert.Null(privileged.File);
        Assert.Contains(privileged.Warnings, static warning => warning.ToString().Contains("is not heard", StringComparison.Ordinal));
    }

    [Fact]
    public void CVE_2004_0884_A_thread_with_rights_that_are_not_its_users_counts_as_privileged()
    {
        Assert.False(new SaslConfigurationFinder().HasForeignRights());
        if (!Environment.IsPrivilegedProcess)
            return;    // only root can take on other rights
        bool foreign = false;
        var thread = new Thread(() =>
        {
            // The system call itself, which changes this thread alone; the C library's function would change the process.
            if (SystemCall(RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 147 : 117, -1, Nobody, -1) == 0)
                foreign = new SaslConfigurationFinder().HasForeignRights();
        });
        thread.Start();
        thread.Join();
        Assert.True(foreign);
        Assert.False(new SaslConfigurationFinder().HasForeignRights());
    }

    [Fact]
    public void CVE_2004_0884_Nothing_is_loaded_or_found_by_a_path_from_the_environment()
    {
        string[] readers = [.. Checkout.Sources.Where(static source => ReadsEnvironment().IsMatch(source.Text)).Select(static source => Path.GetFileName(source.Path))];
        Assert.Equal(["SaslConfigurationFinder.cs"], readers);
        Assert.DoesNotContain(Checkout.Sources, static source => LoadsCode().IsMatch(source.Text));
    }

    private SaslServerSetup Build(params string[] folders)
    {
        SaslServerBuilder builder = Builders.Memory();
        builder.Finder = new SaslConfigurationFinder
        {
            Directories = folders.Length == 0 ? [_folder.FullPath] : [.. folders.Select(folder => _folder.At(folder))],
            Environment = static _ => null,
        };
        return builder.Build("smtp", "smtpd");
    }

    // Root may read everything. A thread whose file rights are nobody's may not.
    private static string WithoutRights(Func<string> action)
    {
        string result = "";
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Environment.IsPrivilegedProcess)
                    _ = SetFileUser(Nobody);
                result = action();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return result;
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileUser(int user);

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SystemCall(nint number, nint real, nint effective, nint saved);

    [GeneratedRegex(@"GetEnvironmentVariable")]
    private static partial Regex ReadsEnvironment();

    // A system library may be loaded by its plain name, from where the system keeps libraries.
    [GeneratedRegex(@"Assembly\.Load|NativeLibrary\.(Try)?Load\((?!\w+, typeof\(\w+\)\.Assembly, DllImportSearchPath\.)|AssemblyLoadContext|Activator\.CreateInstance|Process\.Start")]
    private static partial Regex LoadsCode();
}
