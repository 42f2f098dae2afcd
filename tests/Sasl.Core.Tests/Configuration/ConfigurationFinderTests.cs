using System.Runtime.InteropServices;
using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>Where <c>smtpd.conf</c> is looked for, and what is told about it.</summary>
public sealed class ConfigurationFinderTests : IDisposable
{
    private const long SetResUid = 117;

    private readonly ScratchFolder _folder = new();

    private string One => _folder.At("one");

    private string Two => _folder.At("two");

    private string Three => _folder.At("three");

    [Fact]
    public void No_file_at_all_is_fine_and_leaves_every_option_at_its_default()
    {
        SaslConfigurationSearch search = Finder(system: [One, Two]).Find("smtpd");
        Assert.Null(search.File);
        Assert.Empty(search.Configuration.Entries);
        Assert.Empty(search.Warnings);
        Assert.Equal([Missing(One), Missing(Two)], search.Places.AsEnumerable());
    }

    [Fact]
    public void The_first_file_is_used_and_later_ones_are_told_of_and_not_read()
    {
        string used = _folder.Write("two/smtpd.conf", "mech_list: PLAIN");
        string shadowed = _folder.Write("three/smtpd.conf", "this would not parse");
        SaslConfigurationSearch search = Finder(system: [One, Two, Three]).Find("smtpd");
        Assert.Equal(used, search.File);
        Assert.Equal("PLAIN", search.Configuration["mech_list"]);
        Assert.Equal(used, search.Configuration.Source);
        Assert.Equal([Missing(One), new(used, SaslConfigurationPlaceState.Used), new(shadowed, SaslConfigurationPlaceState.Shadowed)], search.Places.AsEnumerable());
        Assert.Equal([$"{shadowed}: is not read, because {used} comes first"], search.Warnings.Select(static warning => warning.ToString()));
    }

    [Fact]
    public void Two_files_are_not_merged()
    {
        _folder.Write("one/smtpd.conf", "log_level: 3");
        _folder.Write("two/smtpd.conf", "mech_list: PLAIN");
        Assert.Null(Finder(system: [One, Two]).Find("smtpd").Configuration["mech_list"]);
    }

    [Fact]
    public void The_environment_comes_before_the_system_and_its_list_is_split()
    {
        _folder.Write("three/smtpd.conf", "mech_list: LOGIN");
        string used = _folder.Write("two/smtpd.conf", "mech_list: PLAIN");
        SaslConfigurationSearch search = Finder(system: [Three], path: $"{One}{Path.PathSeparator}{Two}").Find("smtpd");
        Assert.Equal((used, SaslConfigurationOrigin.Environment), (search.File, search.Origin));
    }

    [Fact]
    public void The_application_comes_before_the_environment()
    {
        _folder.Write("two/smtpd.conf", "mech_list: LOGIN");
        string used = _folder.Write("one/smtpd.conf", "mech_list: PLAIN");
        SaslConfigurationSearch search = (Finder(system: [], path: Two) with { Directories = [One] }).Find("smtpd");
        Assert.Equal((used, SaslConfigurationOrigin.Application), (search.File, search.Origin));
    }

    [Fact]
    public void Directories_that_are_named_replace_the_usual_ones_and_files_there_are_pointed_out()
    {
        string passedOver = _folder.Write("two/smtpd.conf", "mech_list: LOGIN");
        SaslConfigurationSearch search = Finder(system: [Two], path: One).Find("smtpd");
        Assert.Null(search.File);
        Assert.Equal([Missing(One), new(passedOver, SaslConfigurationPlaceState.PassedOver)], search.Places.AsEnumerable());
        Assert.Equal(
            [$"{passedOver}: is not read, because the environment variable SASL_CONF_PATH names other directories"],
            search.Warnings.Select(static warning => warning.ToString()));
    }

    [Fact]
    public void The_development_versions_variable_is_heard_when_the_other_is_not_set()
    {
        string used = _folder.Write("one/smtpd.conf", "a: b");
        SaslConfigurationSearch search = Finder(system: [], directory: One).Find("smtpd");
        Assert.Equal((used, "the environment variable SASL_CONFDIR"), (search.File, search.OriginName));
    }

    [Fact]
    public void Of_both_variables_the_released_one_counts_and_the_other_is_told_of()
    {
        string used = _folder.Write("one/smtpd.conf", "mech_list: PLAIN");
        _folder.Write("two/smtpd.conf", "mech_list: LOGIN");
        SaslConfigurationSearch search = Finder(system: [], path: One, directory: Two).Find("smtpd");
        Assert.Equal(used, search.File);
        Assert.Contains(search.Warnings, static warning => warning.ToString() == "SASL_CONFDIR: is not heard, because SASL_CONF_PATH is set, too");
    }

    [Fact]
    public void The_environment_is_not_heard_in_a_process_with_anothers_rights()
    {
        _folder.Write("one/smtpd.conf", "mech_list: LOGIN");
        string used = _folder.Write("two/smtpd.conf", "mech_list: PLAIN");
        SaslConfigurationSearch search = (Finder(system: [Two], path: One) with { HasForeignRights = static () => true }).Find("smtpd");
        Assert.Equal((used, SaslConfigurationOrigin.System), (search.File, search.Origin));
        Assert.Contains(search.Warnings, static warning => warning.Place.Source == "SASL_CONF_PATH" && warning.Message.Contains("is not heard", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_variable_is_like_none() =>
        Assert.Equal(SaslConfigurationOrigin.System, Finder(system: [One], path: "", directory: "").Find("smtpd").Origin);

    [Fact]
    public void A_file_that_does_not_parse_is_an_error_even_where_a_later_one_would()
    {
        string wrong = _folder.Write("one/smtpd.conf", "# fine\nmech_list = PLAIN\n");
        _folder.Write("two/smtpd.conf", "mech_list: PLAIN");
        var exception = Assert.Throws<SaslConfigurationException>(() => Finder(system: [One, Two]).Find("smtpd"));
        Assert.StartsWith($"{wrong}(2): expected 'key: value'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Looking_tells_of_a_file_that_cannot_be_used_where_it_was_looked_for_and_reads_no_other()
    {
        string wrong = _folder.Write("two/smtpd.conf", "mech_list = PLAIN\n");
        string later = _folder.Write("three/smtpd.conf", "mech_list: PLAIN");
        SaslConfigurationSearch search = Finder(system: [One, Two, Three]).Look("smtpd");
        Assert.StartsWith($"{wrong}(1): expected 'key: value'", search.Error?.Message, StringComparison.Ordinal);
        Assert.Equal([Missing(One), new(wrong, SaslConfigurationPlaceState.Unusable), new(later, SaslConfigurationPlaceState.Shadowed)], search.Places.AsEnumerable());
        Assert.Null(search.File);
        Assert.Empty(search.Configuration.Entries);
        Assert.Null(Finder(system: [Three]).Look("smtpd").Error);
    }

    [Fact]
    public void Keys_are_checked_with_file_and_line()
    {
        string used = _folder.Write("one/smtpd.conf", "mech_list: PLAIN\nmech_lists: LOGIN\nmech_list: LOGIN\n");
        Assert.Equal(
            [
                $"{used}(3): mech_list: is set already in line 1, and the first one counts; this one has no effect",
                $"{used}(2): mech_lists: is not a known key and has no effect; is mech_list meant?",
            ],
            Finder(system: [One]).Find("smtpd").Warnings.Select(static warning => warning.ToString()));
    }

    [Fact]
    public void The_search_prints_places_and_warnings_and_no_values()
    {
        string used = _folder.Write("two/smtpd.conf", "sql_passwd: hunter2\nnonsense: hunter2\n");
        string shadowed = _folder.Write("three/smtpd.conf", "");
        Assert.Equal(
            $"""
            Configuration of smtpd: {used}
            Directories named by the application:
              {One}/smtpd.conf: not there
              {used}: used
              {shadowed}: there, but not read; an earlier file counts alone
            warning: {shadowed}: is not read, because {used} comes first
            warning: {used}(2): nonsense: is not a known key and has no effect
            """,
            (Finder(system: []) with { Directories = [One, Two, Three] }).Find("smtpd").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../smtpd")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0")]
    [InlineData("a\nb")]
    public void An_application_name_cannot_leave_the_directory(string name) =>
        Assert.Throws<ArgumentException>(() => Finder(system: [One]).Find(name));

    [Fact]
    public void The_case_of_the_application_name_is_kept_as_Sendmail_needs() =>
        Assert.Equal(_folder.Write("one/Sendmail.conf", "a: b"), Finder(system: [One]).Find("Sendmail").File);

    [Fact]
    public void A_directory_named_twice_is_looked_at_once()
    {
        string used = _folder.Write("one/smtpd.conf", "mech_list: PLAIN");
        SaslConfigurationSearch search = Finder(system: [One, One]).Find("smtpd");
        Assert.Equal((used, 1, 0), (search.File, search.Places.Length, search.Warnings.Length));
    }

    [Fact]
    public void On_Linux_the_usual_directories_are_Debians_in_Debians_order()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not Architecture.X64)
            return;
        Assert.Equal(
            ["/etc/sasl2", "/etc/sasl", "/usr/lib/x86_64-linux-gnu/sasl2", "/usr/lib/sasl2"],
            SaslConfigurationFinder.UsualDirectories.Take(4));
    }

    [Fact]
    public void An_ordinary_process_has_its_own_rights_and_its_environment_is_heard() => Assert.False(UnixProcess.HasForeignRights);

    [Fact]
    public void A_set_user_ID_process_has_anothers_rights()
    {
        // Only root may give a thread another real user than the effective one, and the number of the call is that of one processor.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not Architecture.X64 || !Environment.IsPrivilegedProcess)
            return;
        bool? foreign = null;
        var thread = new Thread(() =>
        {
            if (SetUsersOfThread(SetResUid, real: 65534, effective: 0, saved: 0) == 0)
                foreign = UnixProcess.HasForeignRights;
        });
        thread.Start();
        thread.Join();
        Assert.True(foreign);
    }

    public void Dispose() => _folder.Dispose();

    private SaslConfigurationPlace Missing(string directory) => new(Path.Combine(directory, "smtpd.conf"), SaslConfigurationPlaceState.Missing);

    private static SaslConfigurationFinder Finder(string[] system, string? path = null, string? directory = null) => new()
    {
        SystemDirectories = [.. system],
        Environment = name => name == "SASL_CONF_PATH" ? path : name == "SASL_CONFDIR" ? directory : null,
    };

    // The bare call changes one thread; the function of the C library would change the process.
    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long SetUsersOfThread(long call, long real, long effective, long saved);
}
