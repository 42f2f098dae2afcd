using System.Runtime.Versioning;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Smtp.Tests.Maps;

public sealed class SmtpPasswordMapTests
{
    [Theory]
    [InlineData("mail.isp.example alice:secret")]
    [InlineData("[mail.isp.example]:587 alice:secret")]
    [InlineData("mail.isp.example:587\talice:secret")]
    [InlineData("[mail.isp.example]  alice:secret")]
    [InlineData("MAIL.ISP.EXAMPLE alice:secret")]
    public void Every_form_of_the_key_is_found(string line)
    {
        using SmtpPasswordMap map = Parse(line + "\n");

        Assert.Equal(("alice", "secret"), Find(map, new SmtpDestination("mail.isp.example") { Port = 587 }));
    }

    [Fact]
    public void Without_a_next_hop_the_keys_are_tried_in_this_order() => Assert.Equal(
        ["mail.isp.example", "[mail.isp.example]:587", "mail.isp.example:587", "[mail.isp.example]"],
        Tried(new SmtpDestination("Mail.ISP.example") { Port = 587 }));

    [Fact]
    public void With_a_next_hop_the_host_is_tried_and_then_the_next_hop_as_Postfix_does() => Assert.Equal(
        ["mx1.isp.example", "[relay.isp.example]:submission"],
        Tried(new SmtpDestination("mx1.isp.example") { NextHop = "[relay.isp.example]:submission", Port = 587 }));

    [Fact]
    public void Sender_is_tried_before_the_host_when_credentials_depend_on_it() => Assert.Equal(
        ["bob+lists@example.com", "bob@example.com", "bob+lists", "bob", "@example.com", "mx.example", "[relay]"],
        Tried(
            new SmtpDestination("mx.example") { NextHop = "[relay]", Sender = "Bob+Lists@Example.com" },
            new SmtpMapOptions { RecipientDelimiter = "+-", LocalDomains = ["example.com"] }));

    [Fact]
    public void Earlier_key_wins()
    {
        using SmtpPasswordMap map = Parse("[relay]:587 third:3\nmx.example second:2\nbob@example.com first:1\n");

        Assert.Equal(("first", "1"), Find(map, new SmtpDestination("mx.example") { NextHop = "[relay]:587", Sender = "bob@example.com" }));
        Assert.Equal(("second", "2"), Find(map, new SmtpDestination("mx.example") { NextHop = "[relay]:587", Sender = "" }));
        Assert.Equal(("third", "3"), Find(map, new SmtpDestination("mx2.example") { NextHop = "[relay]:587" }));
    }

    [Fact]
    public void Answer_names_the_keys_that_were_tried()
    {
        using SmtpPasswordMap map = Parse("[relay]:25 alice:secret\n");

        Assert.Equal(
            "nothing under relay, [relay]:587, relay:587, [relay]", map.Find(new SmtpDestination("relay") { Port = 587 }).ToString());
        using SmtpCredential? found = map.Find(new SmtpDestination("relay") { Port = 25 }).Credential;
        Assert.Equal("alice under [relay]:25", map.Find(new SmtpDestination("relay") { Port = 25 }).ToString());
    }

    [Theory]
    [InlineData("h alice:pa:ss", "alice", "pa:ss")]
    [InlineData("h alice:pa ss ", "alice", "pa ss")]
    [InlineData("h alice@example.com:", "alice@example.com", "")]
    [InlineData("h alice", "alice", "")]
    [InlineData("h :secret", "", "secret")]
    [InlineData("h jörg:paßwort", "jörg", "paßwort")]
    public void Value_is_split_at_the_first_delimiter(string line, string user, string password)
    {
        using SmtpPasswordMap map = Parse(line);
        Assert.Equal((user, password), Find(map, new SmtpDestination("h")));
    }

    [Fact]
    public void Delimiter_can_be_another()
    {
        using SmtpPasswordMap map = Parse("h urn:alice|se|cret", new SmtpMapOptions { PasswordDelimiter = '|' });
        Assert.Equal(("urn:alice", "se|cret"), Find(map, new SmtpDestination("h")));
    }

    [Fact]
    public void Credential_is_a_copy_that_the_caller_disposes()
    {
        using SmtpPasswordMap map = Parse("h alice:secret");
        map.Find(new SmtpDestination("h")).Credential!.Dispose();

        Assert.Equal(("alice", "secret"), Find(map, new SmtpDestination("h")));
    }

    [Fact]
    public void Disposed_map_gives_no_password()
    {
        SmtpPasswordMap map = Parse("h alice:secret");
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Find(new SmtpDestination("h")));
    }

    [Fact]
    public async Task Map_is_a_source_of_credentials()
    {
        using SmtpPasswordMap map = Parse("h alice:secret");
        using SmtpCredential? found = await FirstOf([map], new SmtpDestination("h"));
        Assert.Equal("alice", found?.UserName);
    }

    [Fact]
    public void Nothing_that_is_printed_has_the_password_in_it()
    {
        using SmtpPasswordMap map = Parse("h alice:topsecret");
        SmtpCredentialAnswer answer = map.Find(new SmtpDestination("h"));
        using SmtpCredential? credential = answer.Credential;
        Assert.DoesNotContain("topsecret", $"{answer} {credential} {credential?.Password} {map}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good a:b\nbad\n", 2, "expected is \"key value\"")]
    [InlineData("# c\n\n\"h a:topsecret\n", 3, "a quotation mark is not closed")]
    [InlineData("  lead a:topsecret\n", 1, "a continuation line has nothing to continue")]
    [InlineData("h a:top\0secret\n", 1, "the line has a NUL")]
    [InlineData("h a:\u00fftopsecret\n", 1, "the line is not UTF-8")]
    public void Bad_line_is_an_error_with_file_and_line_and_without_secrets(string table, int line, string reason)
    {
        var error = Assert.Throws<SaslConfigurationException>(
            () => SmtpPasswordMap.Parse(Encoding.Latin1.GetBytes(table), "/etc/postfix/sasl_passwd"));
        Assert.StartsWith($"/etc/postfix/sasl_passwd({line}): {reason}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_lines_can_be_skipped_with_a_warning_as_Postfix_does()
    {
        var warnings = new List<string>();
        using SmtpPasswordMap map = Parse("bad\nh a:b\n", new SmtpMapOptions { SkipBadLines = true, Warning = warnings.Add });

        Assert.Equal(1, map.Count);
        Assert.Equal(["t(1): expected is \"key value\" with white space between; the line is ignored."], warnings);
    }

    [Fact]
    public void Of_entries_given_twice_the_first_counts_with_a_warning()
    {
        var warnings = new List<string>();
        using SmtpPasswordMap map = Parse("h a:1\nH b:topsecret\n", new SmtpMapOptions { Warning = warnings.Add });

        Assert.Equal(("a", "1"), Find(map, new SmtpDestination("h")));
        Assert.Equal(["t(2): the key has an entry already, which counts."], warnings);
    }

    [Fact]
    public void Key_that_ends_in_a_colon_is_warned_about()
    {
        var warnings = new List<string>();
        using SmtpPasswordMap map = Parse("h: a:1\n", new SmtpMapOptions { Warning = warnings.Add });
        Assert.StartsWith("t(1): the key ends in a colon", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void File_that_everybody_may_read_is_warned_about_and_a_private_one_is_not()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("map");
        string path = directory.Write("sasl_passwd", "h alice:secret\n");
        var warnings = new List<string>();
        var options = new SmtpMapOptions { Warning = warnings.Add };

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        SmtpPasswordMap.Load(path, options).Dispose();
        Assert.Empty(warnings);

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using SmtpPasswordMap map = SmtpPasswordMap.Load(path, options);
        Assert.Contains("mode 644", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(("alice", "secret"), Find(map, new SmtpDestination("h")));
    }

    [Fact]
    public void File_that_cannot_be_read_is_an_error_with_its_name()
    {
        var error = Assert.Throws<SaslConfigurationException>(() => SmtpPasswordMap.Load("/nonexistent/sasl_passwd"));
        Assert.Contains("/nonexistent/sasl_passwd", error.Message, StringComparison.Ordinal);
    }

    private static SmtpPasswordMap Parse(string table, SmtpMapOptions? options = null) =>
        SmtpPasswordMap.Parse(Encoding.UTF8.GetBytes(table), "t", options);

    private static (string User, string Password)? Find(SmtpPasswordMap map, SmtpDestination destination)
    {
        using SmtpCredential? found = map.Find(destination).Credential;
        return found is null ? null : (found.UserName, Encoding.UTF8.GetString(found.Password.Span));
    }

    private static string[] Tried(SmtpDestination destination, SmtpMapOptions? options = null)
    {
        using SmtpPasswordMap map = Parse("", options);
        return [.. map.Find(destination).KeysTried];
    }

    private static async Task<SmtpCredential?> FirstOf(IEnumerable<ISmtpCredentialSource> sources, SmtpDestination destination)
    {
        foreach (ISmtpCredentialSource source in sources)
        {
            if ((await source.FindAsync(destination, CancellationToken.None)).Credential is { } found)
                return found;
        }
        return null;
    }
}
