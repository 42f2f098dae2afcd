using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Mail;

public sealed class SmtpMailAuthTests
{
    private static readonly SaslIdentity s_relay = new(new SaslUser("relay", ""), new SaslUser("relay", ""), SaslMechanisms.Plain, null);

    [Theory]
    [InlineData("MAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com", "e=mc2@example.com")]
    [InlineData("mail from: <a@b> SIZE=10 auth=c@d BODY=8BITMIME", "c@d")]
    [InlineData("MAIL FROM:<\"x> AUTH=evil@b\\\"\"@y> AUTH=c@d", "c@d")]
    [InlineData("MAIL FROM:a@b AUTH=c@d", "c@d")]
    [InlineData("MAIL FROM:<> AUTH=j+C3+B6rg@example.com", "jörg@example.com")]
    [InlineData("MAIL FROM:<a@b> AUTH=a+2Bb@c", "a+b@c")]
    public void Mailbox_is_found_and_decoded(string command, string mailbox) =>
        Assert.Equal(new SmtpMailAuth(SmtpMailAuthKind.Mailbox, mailbox), Parse(command));

    [Fact]
    public void Brackets_alone_mean_nobody() =>
        Assert.Equal(SmtpMailAuthKind.Nobody, Parse("MAIL FROM:<a@b> AUTH=<>").Kind);

    [Theory]
    [InlineData("MAIL FROM:<a@b>")]
    [InlineData("MAIL FROM:<a@b> SIZE=1 XAUTH=c@d AUTHOR=c@d")]
    public void Command_without_the_parameter_says_nothing(string command) =>
        Assert.Equal(SmtpMailAuthKind.Absent, Parse(command).Kind);

    [Theory]
    [InlineData("a+3db@c")]             // lower-case hex digits
    [InlineData("a+3")]
    [InlineData("a+")]
    [InlineData("a@b+G0")]
    [InlineData("a=b@c")]
    [InlineData("a@b\u0001")]
    [InlineData("a+0D+0AMAIL@b")]       // control characters once decoded
    [InlineData("a+FF@b")]              // not UTF-8 once decoded
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("@b")]
    [InlineData("a@")]
    [InlineData("+3C+3E")]
    [InlineData("c@d AUTH=e@f")]
    [InlineData("<> AUTH=<>")]
    public void Value_of_another_form_is_malformed(string value) =>
        Assert.Equal(new SmtpMailAuth(SmtpMailAuthKind.Malformed, null), Parse("MAIL FROM:<a@b> AUTH=" + value));

    [Theory]
    [InlineData("MAIL FROM:<a@b> AUTH")]
    [InlineData("MAIL FROM:<a@b>AUTH=c@d")]
    [InlineData("MAIL FROM:<a@b AUTH=c@d")]
    [InlineData("MAIL")]
    public void Command_of_another_form_is_malformed(string command) =>
        Assert.Equal(SmtpMailAuthKind.Malformed, Parse(command).Kind);

    [Fact]
    public void Value_of_500_octets_is_taken_and_of_501_is_not()
    {
        string longest = new string('a', 498) + "@b";
        Assert.Equal(SmtpMailAuthKind.Mailbox, Parse("MAIL FROM:<> AUTH=" + longest).Kind);
        Assert.Equal(SmtpMailAuthKind.Malformed, Parse("MAIL FROM:<> AUTH=a" + longest).Kind);
    }

    [Theory]
    [InlineData("e=mc2@example.com", "AUTH=e+3Dmc2@example.com")]
    [InlineData("jörg@example.com", "AUTH=j+C3+B6rg@example.com")]
    [InlineData("\"a b\"@c", "AUTH=\"a+20b\"@c")]
    [InlineData(null, "AUTH=<>")]
    [InlineData("", "AUTH=<>")]
    public void Parameter_is_written_as_it_is_read(string? mailbox, string parameter)
    {
        Assert.Equal(parameter, SmtpMailAuth.Format(mailbox));
        Assert.Equal(string.IsNullOrEmpty(mailbox) ? null : mailbox, SmtpMailAuth.Parse(Encoding.ASCII.GetBytes(parameter)).Mailbox);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("a\r\n@b")]
    public void What_is_no_mailbox_is_not_written(string mailbox) => Assert.Throws<ArgumentException>(() => SmtpMailAuth.Format(mailbox));

    [Fact]
    public async Task Client_is_believed_when_it_is_logged_in_and_may_speak_for_the_mailbox()
    {
        SmtpMailAuth claim = Parse("MAIL FROM:<a@b> AUTH=c@d");

        Assert.Equal("c@d", await claim.BelieveAsync(s_relay, static (who, mailbox, _) => new(who.Authorized.Name == "relay" && mailbox == "c@d")));
        Assert.Null(await claim.BelieveAsync(s_relay, static (_, _, _) => new(false)));
    }

    [Fact]
    public async Task Client_that_is_not_logged_in_or_anonymous_is_never_believed_nor_asked_about()
    {
        SmtpMailAuth claim = Parse("MAIL FROM:<a@b> AUTH=c@d");
        static ValueTask<bool> NeverAsked(SaslIdentity who, string mailbox, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("asked");

        Assert.Null(await claim.BelieveAsync(null, NeverAsked));
        Assert.Null(await claim.BelieveAsync(s_relay with { Mechanism = SaslMechanisms.Anonymous }, NeverAsked));
        Assert.Null(await Parse("MAIL FROM:<a@b> AUTH=<>").BelieveAsync(s_relay, NeverAsked));
    }

    [Fact]
    public void Whatever_follows_MAIL_is_read_without_an_exception_and_what_is_found_can_be_written_again()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] alphabet = "<>\"\\ :=+@aAUTH0F"u8.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] line = new byte[random.Next(60)];
            for (int i = 0; i < line.Length; i++)
                line[i] = random.Next(8) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            foreach (SmtpMailAuth found in (SmtpMailAuth[])[SmtpMailAuth.ParseCommand(line), SmtpMailAuth.Parse([.. " AUTH="u8, .. line])])
            {
                Assert.True(found.Kind is SmtpMailAuthKind.Mailbox == found.Mailbox is not null, $"seed {seed}");
                if (found.Mailbox is not null)
                    Assert.Equal(found, SmtpMailAuth.Parse(Encoding.ASCII.GetBytes(SmtpMailAuth.Format(found.Mailbox))));
            }
        }
    }

    private static SmtpMailAuth Parse(string command) => SmtpMailAuth.ParseCommand(Encoding.Latin1.GetBytes(command));
}
