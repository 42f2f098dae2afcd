using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>How values are looked up and read.</summary>
public sealed class ConfigurationLookupTests
{
    [Fact]
    public void A_key_that_is_not_set_has_the_default()
    {
        SaslConfiguration none = SaslConfiguration.Empty;
        Assert.Null(none["mech_list"]);
        Assert.Empty(none.Words("mech_list"));
        Assert.True(none.Flag("ad_compat", otherwise: true));
        Assert.Equal(4096, none.Number("scram_iteration_counter", otherwise: 4096, least: 1, most: 10_000_000));
        Assert.Equal("no", none.Choice("auto_transition", otherwise: "no", "yes", "no"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("10")]
    [InlineData("1no")]
    [InlineData("y")]
    [InlineData("yes")]
    [InlineData("t")]
    [InlineData("true")]
    [InlineData("on")]
    [InlineData("once")]
    public void What_begins_with_1_y_t_or_on_is_yes(string value) => Assert.True(Of("key", value).Flag("key"));

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    [InlineData("no")]
    [InlineData("off")]
    [InlineData("o")]
    [InlineData("false")]
    [InlineData("YES")]
    [InlineData("True")]
    [InlineData("ON")]
    [InlineData("enabled")]
    public void Everything_else_is_no_capitals_included(string value) => Assert.False(Of("key", value).Flag("key", otherwise: true));

    [Fact]
    public void Words_are_separated_by_any_white_space() =>
        Assert.Equal(["PLAIN", "LOGIN", "CRAM-MD5", "ANONYMOUS"], Of("mech_list", "PLAIN  LOGIN\tCRAM-MD5\v\fANONYMOUS").Words("mech_list").AsEnumerable());

    [Theory]
    [InlineData("PLAIN, LOGIN")]
    [InlineData("PLAIN,LOGIN")]
    public void A_comma_between_words_is_an_error_that_says_what_to_write(string value) => Assert.Equal(
        "smtpd.conf(2): mech_list: a comma does not separate words; write white space instead",
        Refusal(() => SaslConfiguration.Parse($"# x\nmech_list: {value}", "smtpd.conf").Words("mech_list")));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("+5", 5)]
    [InlineData("007", 7)]
    [InlineData("10", 10)]
    public void A_number_within_bounds_is_read(string value, int expected) => Assert.Equal(expected, Of("key", value).Number("key", 0, 1, 10));

    [Theory]
    [InlineData("0")]
    [InlineData("11")]
    [InlineData("-1")]
    [InlineData("5x")]
    [InlineData("0x5")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    [InlineData("1 2")]
    public void A_number_out_of_bounds_or_no_number_is_refused_with_the_bounds(string value) => Assert.Equal(
        $"smtpd.conf(1): log_level: '{value}' is not accepted; accepted are whole numbers from 1 to 10",
        Refusal(() => Of("log_level", value).Number("log_level", 0, 1, 10)));

    [Fact]
    public void A_choice_is_read_in_any_case() => Assert.Equal("noplain", Of("auto_transition", "NoPlain").Choice("auto_transition", "no", "no", "yes", "noplain"));

    [Fact]
    public void A_choice_that_is_none_is_refused_with_the_words_that_are_accepted() => Assert.Equal(
        "smtpd.conf(1): auto_transition: 'perhaps' is not accepted; accepted are no, yes, noplain",
        Refusal(static () => Of("auto_transition", "perhaps").Choice("auto_transition", "no", "no", "yes", "noplain")));

    [Fact]
    public void A_key_is_looked_up_by_its_whole_name_without_a_plugin_prefix() =>
        Assert.Null(Of("sasldb_sasldb_path", "/x")["sasldb_path"]);

    [Fact]
    public void The_same_keys_come_from_code_and_errors_name_their_source()
    {
        var configuration = SaslConfiguration.FromValues(
            [new("Mech_List", " PLAIN LOGIN "), new("log_level", "x"), new("MECH_LIST", "SRP")], "appsettings.json");
        Assert.Equal(["PLAIN", "LOGIN"], configuration.Words("mech_list").AsEnumerable());
        Assert.Equal("appsettings.json: mech_list: is set already, and the first one counts; this one has no effect", configuration.Warnings.Single().ToString());
        Assert.Equal(
            "appsettings.json: log_level: 'x' is not accepted; accepted are whole numbers from 0 to 7",
            Refusal(() => configuration.Number("log_level", 1, 0, 7)));
    }

    [Theory]
    [InlineData("", "v", "a key has letters")]
    [InlineData("a b", "v", "a key has letters")]
    [InlineData("schlüssel", "v", "a key has letters")]
    [InlineData("key", "  ", "it has no value")]
    public void What_could_not_stand_in_a_file_is_refused_from_code_too(string key, string value, string problem) =>
        Assert.Contains(problem, Refusal(() => SaslConfiguration.FromValues([new(key, value)])), StringComparison.Ordinal);

    [Fact]
    public void An_error_of_a_key_that_is_not_set_names_the_file_without_a_line() =>
        Assert.Equal("smtpd.conf: sasldb_path: no", Of("a", "b").Error("sasldb_path", "no").Message);

    private static SaslConfiguration Of(string key, string value) => SaslConfiguration.Parse($"{key}: {value}", "smtpd.conf");

    private static string Refusal(Func<object> action) => Assert.Throws<SaslConfigurationException>(action).Message;
}
