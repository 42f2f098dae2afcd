using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Maps;

public sealed class SmtpSenderLoginsTests
{
    private const string Table =
        """
        # address           logins
        info@example.com    alice, bob@example.com
            carol
        root                admin
        @example.net        dave
        "a b"@example.com   erin
        nobody@example.com  ,
        """;

    private static readonly SmtpMapOptions s_options = new() { RecipientDelimiter = "+", LocalDomains = ["example.com", "localhost"] };

    [Theory]
    [InlineData("info@example.com", "alice bob@example.com carol")]
    [InlineData("INFO@Example.COM", "alice bob@example.com carol")]
    [InlineData("info+news@example.com", "alice bob@example.com carol")]
    [InlineData("root@localhost", "admin")]
    [InlineData("root+x@EXAMPLE.com", "admin")]
    [InlineData("root@example.org", null)]
    [InlineData("anybody@example.net", "dave")]
    [InlineData("anybody@sub.example.net", null)]
    [InlineData("\"a b\"@example.com", "erin")]
    [InlineData("\"info\"@example.com", "alice bob@example.com carol")]
    [InlineData("stranger@example.com", null)]
    [InlineData("nobody@example.com", "")]
    [InlineData("root", "admin")]
    public void Owners_are_those_of_the_first_key_that_has_an_entry(string sender, string? owners) =>
        Assert.Equal(owners?.Split(' ', StringSplitOptions.RemoveEmptyEntries), Parse().FindOwners(sender));

    [Theory]
    [InlineData("info@example.com", "alice", SenderLoginVerdict.Allowed)]
    [InlineData("info@example.com", "ALICE", SenderLoginVerdict.Allowed)]
    [InlineData("info@example.com", "mallory", SenderLoginVerdict.Mismatch)]
    [InlineData("info@example.com", null, SenderLoginVerdict.NotLoggedIn)]
    [InlineData("nobody@example.com", "alice", SenderLoginVerdict.Mismatch)]
    [InlineData("x@example.org", "alice", SenderLoginVerdict.NotOwned)]
    [InlineData("x@example.org", null, SenderLoginVerdict.Allowed)]
    [InlineData("", "alice", SenderLoginVerdict.Allowed)]
    [InlineData("", null, SenderLoginVerdict.Allowed)]
    public async Task Sender_and_login_are_judged_together(string sender, string? login, SenderLoginVerdict verdict) =>
        Assert.Equal(verdict, await new SmtpSenderCheck(Parse()).JudgeAsync(sender, login));

    [Fact]
    public async Task Identity_is_judged_by_whom_it_acts_as_and_an_anonymous_one_is_nobody()
    {
        var check = new SmtpSenderCheck(Parse());
        var proxy = new SaslIdentity(new SaslUser("admin", ""), new SaslUser("bob", "example.com"), SaslMechanisms.Plain, null);

        Assert.Equal(SenderLoginVerdict.Allowed, await check.JudgeAsync("info@example.com", proxy));
        Assert.Equal(SenderLoginVerdict.NotLoggedIn,
            await check.JudgeAsync("info@example.com", proxy with { Mechanism = SaslMechanisms.Anonymous }));
        Assert.Equal(SenderLoginVerdict.NotLoggedIn, await check.JudgeAsync("info@example.com", identity: null));
    }

    // Rows: what Postfix's restriction of that name does (smtpd_check.c).
    [Theory]
    [InlineData(SenderLoginRule.RejectSenderLoginMismatch, true, true, true)]
    [InlineData(SenderLoginRule.RejectAuthenticatedSenderLoginMismatch, true, true, false)]
    [InlineData(SenderLoginRule.RejectKnownSenderLoginMismatch, true, false, true)]
    [InlineData(SenderLoginRule.RejectUnauthenticatedSenderLoginMismatch, false, false, true)]
    public void Rule_refuses_what_Postfix_refuses(SenderLoginRule rule, bool mismatch, bool notOwned, bool notLoggedIn)
    {
        Assert.False(SmtpSenderCheck.Refuses(SenderLoginVerdict.Allowed, rule, out _));
        Assert.Equal(mismatch, SmtpSenderCheck.Refuses(SenderLoginVerdict.Mismatch, rule, out _));
        Assert.Equal(notOwned, SmtpSenderCheck.Refuses(SenderLoginVerdict.NotOwned, rule, out _));
        Assert.Equal(notLoggedIn, SmtpSenderCheck.Refuses(SenderLoginVerdict.NotLoggedIn, rule, out _));
    }

    [Fact]
    public void Refusals_are_553_and_say_nothing_about_the_table()
    {
        SmtpSenderCheck.Refuses(SenderLoginVerdict.Mismatch, SenderLoginRule.RejectSenderLoginMismatch, out ReadOnlyMemory<byte> notOwned);
        SmtpSenderCheck.Refuses(SenderLoginVerdict.NotLoggedIn, SenderLoginRule.RejectSenderLoginMismatch, out ReadOnlyMemory<byte> notLoggedIn);

        Assert.Equal("553 5.7.1 Sender address rejected: not owned by the authenticated user"u8, notOwned.Span);
        Assert.Equal("553 5.7.1 Sender address rejected: not logged in"u8, notLoggedIn.Span);
    }

    [Fact]
    public async Task Owners_can_come_from_elsewhere()
    {
        var check = new SmtpSenderCheck(new OneOwner());
        Assert.Equal(SenderLoginVerdict.Allowed, await check.JudgeAsync("any@where", "owner"));
    }

    [Fact]
    public void Bad_line_is_an_error_with_file_and_line()
    {
        var error = Assert.Throws<SaslConfigurationException>(() => SmtpSenderLogins.Parse("a b\nc\n"u8, "senders"));
        Assert.StartsWith("senders(2): ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_is_an_error_or_a_table_and_nothing_else()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 3000; round++)
        {
            byte[] table = new byte[random.Next(80)];
            for (int i = 0; i < table.Length; i++)
                table[i] = "ab\\\"@ \t\r\n#,:\0\u00e9"u8[random.Next(14)];
            try
            {
                SmtpSenderLogins logins = SmtpSenderLogins.Parse(table, "t");
                logins.FindOwners(Encoding.Latin1.GetString(table));
            }
            catch (SaslConfigurationException)
            {
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed} round {round}", exception);
            }
        }
    }

    private static SmtpSenderLogins Parse() => SmtpSenderLogins.Parse(Encoding.UTF8.GetBytes(Table), "t", s_options);

    private sealed class OneOwner : ISenderLoginSource
    {
        public ValueTask<IReadOnlyList<string>?> FindOwnersAsync(string sender, CancellationToken cancellationToken) => new(["owner"]);
    }
}
