using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Options;

public sealed class SaslauthdConfigurationTests : IDisposable
{
    private readonly PrivateDirectory _folder = PrivateDirectory.Create("saslauthd-conf");
    private readonly List<string> _warnings = [];
    private readonly SaslWorkQueue _work = new();

    public void Dispose()
    {
        _work.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void White_space_behind_a_value_is_part_of_it()
    {
        SaslConfiguration configuration = Load("ldap_filter: (uid=%u)\nldap_bind_pw: \t two blanks  \n");
        Assert.Equal("(uid=%u)", configuration["ldap_filter"]);
        Assert.Equal("two blanks  ", configuration["ldap_bind_pw"]);
        string warning = Assert.Single(_warnings);
        Assert.EndsWith("saslauthd.conf(2): ldap_bind_pw: ends in white space, which belongs to the value", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_may_end_as_on_Windows()
    {
        SaslConfiguration configuration = Load("\r\n# comment\r\nldap_scope: one\r\n  \t\r\nldap_version: 3");
        Assert.Equal("one", configuration["ldap_scope"]);
        Assert.Equal("3", configuration["ldap_version"]);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Keys_have_any_case_and_the_first_counts()
    {
        SaslConfiguration configuration = Load("LDAP_Scope: one\nldap_scope: base\n");
        Assert.Equal("one", configuration["ldap_scope"]);
        Assert.Contains("line 1", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("yes", true)]
    [InlineData("true", true)]
    [InlineData("on", true)]
    [InlineData("off", false)]
    [InlineData("no", false)]
    [InlineData("0", false)]
    public void A_flag_is_read_as_the_original_reads_it(string value, bool expected) =>
        Assert.Equal(expected, Load($"ldap_start_tls: {value}\n").Flag("ldap_start_tls"));

    [Theory]
    [InlineData("ldap_filters: x", "is ldap_filter meant?")]
    [InlineData("ldap_start_tsl: yes", "is ldap_start_tls meant?")]
    [InlineData("mech_list: PLAIN", "is not a known key")]
    public void An_unknown_key_is_a_warning_that_names_the_nearest_known_one(string line, string expected)
    {
        Load($"\n{line}\n");
        Assert.Contains(expected, Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Contains("saslauthd.conf(2)", _warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_every_checker_may_stand_in_one_file()
    {
        Load("ldap_servers: ldap://a\nkrb5_keytab: /k\nkrb5_imap_instance: mail\nhttpform_uri: /auth\n");
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("ldap_bind_pw secret", "there is no ':'")]
    [InlineData("ldap_bind_pw = secret", "there is '=' where ':' belongs")]
    [InlineData("ldap_bind_pw : secret", "there is white space before the ':'")]
    [InlineData("ldap_bind_pw:", "it has no value")]
    [InlineData("ldap_bind_pw:  \t ", "it has no value")]
    [InlineData("ldap.bind.pw: secret", "a key has letters, digits, '-' and '_' only")]
    public void What_is_no_key_and_value_is_an_error_with_file_line_and_no_secret(string line, string expected)
    {
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(() => Load("# one\n" + line + "\n"));
        Assert.Contains("saslauthd.conf(2)", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected 'key: value'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_that_names_it()
    {
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(
            () => SaslauthdConfiguration.Load(new SaslauthdCheckerContext { Work = _work, Option = _folder.At("none.conf") }));
        Assert.Contains("none.conf: there is no such file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ldap_bind_pw: secret\n", "0644", 1)]
    [InlineData("ldap_password: secret\n", "0604", 1)]
    [InlineData("ldap_bind_pw: secret\n", "0640", 0)]
    [InlineData("ldap_bind_dn: cn=x\n", "0644", 0)]
    public void A_password_that_everybody_can_read_is_warned_of(string text, string mode, int warnings)
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = _folder.Write("saslauthd.conf", text);
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        SaslauthdConfiguration.Load(new SaslauthdCheckerContext { Work = _work, Option = path, Warn = _warnings.Add });
        Assert.Equal(warnings, _warnings.Count(static warning => warning.Contains("everybody on this machine can read this password", StringComparison.Ordinal)));
        Assert.DoesNotContain(_warnings, static warning => warning.Contains("secret", StringComparison.Ordinal));
    }

    private SaslConfiguration Load(string text)
    {
        string path = _folder.Write("saslauthd.conf", text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return SaslauthdConfiguration.Load(new SaslauthdCheckerContext { Work = _work, Option = path, Warn = _warnings.Add });
    }
}
