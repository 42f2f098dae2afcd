using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>The grammar of <c>lib/config.c</c>, row by row of what was seen of Cyrus SASL 2.1.28.</summary>
public sealed class ConfigurationGrammarTests
{
    private const string Conf = "/etc/sasl2/smtpd.conf";

    [Fact]
    public void A_key_is_letters_digits_hyphen_and_underscore_and_a_colon_follows_at_once() =>
        Assert.Equal("v", Parse("aZ09-_:v")["az09-_"]);

    [Fact]
    public void A_key_is_folded_to_lower_case_and_found_in_any() =>
        Assert.Equal(("mech_list", "PLAIN", "PLAIN"), (Parse("MECH_List: PLAIN").Entries.Single().Key, Parse("MECH_List: PLAIN")["mech_list"], Parse("mech_list: PLAIN")["MECH_LIST"]));

    [Fact]
    public void White_space_before_a_key_is_skipped() => Assert.Equal("v", Parse(" \t\v\f\r key: v")["key"]);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n  \n\t\n")]
    [InlineData("# comment")]
    [InlineData("  \t# comment: with colon\n#\n")]
    public void Blank_lines_and_comments_say_nothing(string text) => Assert.Empty(Parse(text).Entries);

    [Fact]
    public void A_number_sign_later_in_a_line_belongs_to_the_value() => Assert.Equal("a # b", Parse("key: a # b")["key"]);

    [Theory]
    [InlineData("key: v")]
    [InlineData("key:v")]
    [InlineData("key: \t\v\f\r v \t\v\f\r ")]
    [InlineData("key: v\r\n")]
    public void A_value_is_trimmed_at_both_ends(string text) => Assert.Equal("v", Parse(text)["key"]);

    [Fact]
    public void White_space_inside_a_value_stays() => Assert.Equal("a \t b", Parse("key: a \t b ")["key"]);

    [Fact]
    public void Quotes_and_colons_in_a_value_are_octets_like_others() => Assert.Equal("\"a\":'b'", Parse("key: \"a\":'b'")["key"]);

    [Theory]
    [InlineData("key", "there is no ':'")]
    [InlineData("key = v", "'=' where ':' belongs")]
    [InlineData("key=v", "'=' where ':' belongs")]
    [InlineData("key : v", "white space before the ':'")]
    [InlineData("ke.y: v", "letters, digits, '-' and '_' only")]
    [InlineData("ké: v", "letters, digits, '-' and '_' only")]
    [InlineData("\u00a0key: v", "letters, digits, '-' and '_' only")]
    [InlineData("\ufeffkey: v", "byte order mark")]
    [InlineData("\ufeff# comment", "byte order mark")]
    [InlineData("key:", "it has no value")]
    [InlineData("key: \t ", "it has no value")]
    public void A_line_of_another_form_is_refused_with_its_number_and_the_mistake(string line, string mistake)
    {
        var exception = Assert.Throws<SaslConfigurationException>(() => Parse(line));
        Assert.StartsWith($"{Conf}(1): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected 'key: value'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(mistake, exception.Message, StringComparison.Ordinal);
        Assert.Equal((Conf, 1), (exception.Place?.Source, exception.Place?.Line));
    }

    [Fact]
    public void A_wrong_line_is_named_by_its_number_in_the_file() =>
        Assert.StartsWith($"{Conf}(4): ", Refusal("# one\n\na: b\nwrong\n"), StringComparison.Ordinal);

    [Fact]
    public void A_backslash_does_not_continue_a_line()
    {
        Assert.Contains($"{Conf}(2): expected 'key: value'; a line does not continue the one before", Refusal("mech_list: PLAIN \\\n  LOGIN\n"), StringComparison.Ordinal);
        Assert.Equal("PLAIN \\", Parse("mech_list: PLAIN \\\n")["mech_list"]);
    }

    [Fact]
    public void The_first_of_equal_keys_counts_and_the_others_are_warned_of()
    {
        SaslConfiguration configuration = Parse("mech_list: PLAIN\n\nMECH_LIST: LOGIN\nmech_list: CRAM-MD5\n");
        Assert.Equal("PLAIN", configuration["mech_list"]);
        Assert.Equal(
            [
                $"{Conf}(3): mech_list: is set already in line 1, and the first one counts; this one has no effect",
                $"{Conf}(4): mech_list: is set already in line 1, and the first one counts; this one has no effect",
            ],
            configuration.Warnings.Select(static warning => warning.ToString()));
    }

    [Fact]
    public void A_line_of_4095_octets_is_read_whole() =>
        Assert.Equal(4095 - "key:".Length, Parse("key:" + new string('v', 4095 - "key:".Length) + "\nb: c")["key"]!.Length);

    [Theory]
    [InlineData("key:")]
    [InlineData("# ")]
    public void A_longer_line_which_Cyrus_reads_as_two_is_refused(string beginning) =>
        Assert.Equal($"{Conf}(2): the line is longer than 4095 octets", Refusal("a: b\n" + beginning + new string('v', 4096 - beginning.Length)));

    [Fact]
    public void White_space_at_the_end_does_not_make_a_line_too_long() =>
        Assert.Equal("v", Parse("key: v" + new string(' ', 5000))["key"]);

    [Fact]
    public void The_last_line_needs_no_end() => Assert.Equal("d", Parse("a: b\nc: d")["c"]);

    [Fact]
    public void A_value_without_a_key_is_accepted_as_in_Cyrus_with_a_warning()
    {
        SaslConfiguration configuration = Parse(": v\na: b");
        Assert.Equal(["a"], configuration.Entries.Select(static entry => entry.Key));
        Assert.Equal($"{Conf}(1): a value without a key has no effect", configuration.Warnings.Single().ToString());
    }

    [Fact]
    public void A_NUL_octet_is_refused_as_no_text() => Assert.Contains("(2): a NUL octet", Refusal("a: b\nc: d\0e\n"), StringComparison.Ordinal);

    [Fact]
    public void A_value_may_have_UTF_8_and_a_comment_any_octets() =>
        Assert.Equal("Übung", SaslConfiguration.Parse([.. "# Ger"u8, 0xe4, .. "t\nkey: "u8, .. Encoding.UTF8.GetBytes("Übung")])["key"]);

    [Fact]
    public void A_value_that_is_not_UTF_8_is_refused_by_its_key() =>
        Assert.Equal("configuration(1): sql_passwd: the value is not UTF-8",
            Assert.Throws<SaslConfigurationException>(static () => SaslConfiguration.Parse([.. "sql_passwd: hunter"u8, 0xe4])).Message);

    [Theory]
    [InlineData("sql_passwd = hunter2")]
    [InlineData("sql_passwd : hunter2")]
    [InlineData("sql_passwd: a \\\nhunter2")]
    [InlineData("hunter2 and more")]
    public void A_refusal_never_shows_the_line_which_may_hold_a_password(string text)
    {
        for (Exception? exception = Assert.Throws<SaslConfigurationException>(() => Parse(text)); exception is not null; exception = exception.InnerException)
            Assert.DoesNotContain("hunter2", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_shows_its_place_and_not_its_value() =>
        Assert.Equal($"{Conf}(1): sql_passwd", Parse("sql_passwd: hunter2").Entries.Single().ToString());

    [Fact]
    public void Random_octets_are_parsed_or_refused_and_nothing_else()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = new byte[random.Next(60)];
            for (int at = 0; at < text.Length; at++)
                text[at] = random.Next(3) == 0 ? (byte)random.Next(256) : "a:# \n=\\"u8[random.Next(7)];
            try
            {
                SaslConfiguration.Parse(text);
            }
            catch (SaslConfigurationException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(text)}: {exception}");
            }
        }
    }

    private static SaslConfiguration Parse(string text) => SaslConfiguration.Parse(text, Conf);

    private static string Refusal(string text) => Assert.Throws<SaslConfigurationException>(() => Parse(text)).Message;
}
