using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The files of defaults of the distributions.</summary>
public sealed class SaslauthdDefaultsTests
{
    [Fact]
    public void Debians_file_is_understood()
    {
        DaemonDefaults defaults = Parse(
            "# Settings for saslauthd daemon", "", "DESC=\"SASL Authentication Daemon\"", "NAME=\"saslauthd\"", "MECHANISMS=\"pam\"",
            "MECH_OPTIONS=\"\"", "THREADS=5", "OPTIONS=\"-c -m /var/run/saslauthd\"");

        Assert.Equal(["-a", "pam", "-n", "5", "-c", "-m", "/var/run/saslauthd"], defaults.Arguments);
        Assert.Empty(defaults.Warnings);
        Assert.True(defaults.MayStart);
    }

    [Fact]
    public void Red_Hats_file_is_understood() => Assert.Equal(
        ["-m", "/run/saslauthd", "-a", "pam", "-r", "-t", "60"], Parse("SOCKETDIR=/run/saslauthd", "MECH=pam", "FLAGS='-r -t 60'   # with a comment").Arguments);

    [Fact]
    public void SUSEs_file_and_old_PARAMS_are_understood()
    {
        Assert.Equal(["-a", "shadow", "-n", "3", "-c"], Parse("SASLAUTHD_AUTHMECH=shadow", "SASLAUTHD_THREADS=3", "SASLAUTHD_PARAMS=-c").Arguments);
        Assert.Equal(["-m", "/a b"], Parse("PARAMS=\"-m '/a b'\"").Arguments);
    }

    [Fact]
    public void The_option_of_a_mechanism_is_one_argument_whatever_is_in_it() =>
        Assert.Equal(["-O", "imap.example.com/143 x"], Parse("MECH_OPTIONS=\"imap.example.com/143 x\"").Arguments);

    [Theory]
    [InlineData("yes", true)]
    [InlineData("no", false)]
    [InlineData("", false)]
    public void START_decides_whether_anything_is_started(string value, bool starts) => Assert.Equal(starts, Parse($"START={value}").MayStart);

    [Fact]
    public void A_name_that_means_nothing_is_a_warning_with_its_line()
    {
        string warning = Assert.Single(Parse("MECH=pam", "MECHANISM=shadow").Warnings);
        Assert.StartsWith("defaults(2): MECHANISM", warning);
    }

    [Theory]
    [InlineData("MECH")]
    [InlineData("export MECH=pam")]
    [InlineData("MECH=pam; rm -rf /")]
    [InlineData("MECH=pam && true")]
    [InlineData("MECH=$OTHER")]
    [InlineData("MECH=\"`id`\"")]
    [InlineData("MECH=\"pam")]
    [InlineData("MECH='pam")]
    [InlineData("FLAGS=-c -r")]
    [InlineData("MECH=\"pam shadow\"")]
    [InlineData("OPTIONS=\"-c \\")]
    [InlineData("=x")]
    public void What_needs_a_shell_is_refused_with_file_and_line(string line)
    {
        var refused = Assert.Throws<SaslConfigurationException>(() => Parse("# first", line));
        Assert.StartsWith("defaults(2): ", refused.Message);
    }

    [Fact]
    public void Quotes_keep_what_is_inside_them() =>
        Assert.Equal(["-O", "a $b `c` \\d"], Parse("MECH_OPTIONS='a $b `c` \\d'").Arguments);

    private static DaemonDefaults Parse(params string[] lines) => DaemonDefaults.Parse("defaults", lines);
}
