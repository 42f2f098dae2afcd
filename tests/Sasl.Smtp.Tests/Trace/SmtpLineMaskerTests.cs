using System.Text;
using Xunit;

namespace Sasl.Smtp.Tests.Trace;

public sealed class SmtpLineMaskerTests
{
    [Theory]
    [InlineData("AUTH PLAIN AHRlc3QAdGVzdHBhc3M=\r\n", "AUTH PLAIN ***")]
    [InlineData("auth login YWxpY2U=", "auth login ***")]
    [InlineData("AUTH=PLAIN AHRlc3QAdGVzdHBhc3M=", "AUTH=PLAIN ***")]
    [InlineData("AUTH EXTERNAL =", "AUTH EXTERNAL =")]
    [InlineData("AUTH CRAM-MD5", "AUTH CRAM-MD5")]
    [InlineData("AUTH AHRlc3QAdGVzdHBhc3M=", "AUTH ***")]
    [InlineData("AUTH dGVzdHBhc3M", "AUTH ***")]
    [InlineData("AUTH", "AUTH")]
    [InlineData("AUTH PLAIN a b c", "AUTH PLAIN ***")]
    public void Initial_response_is_masked_and_the_mechanism_shown(string line, string shown) =>
        Assert.Equal(shown, new SmtpLineMasker().Client(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void Every_line_of_an_exchange_is_masked_and_the_next_command_shown()
    {
        var masker = new SmtpLineMasker();
        string[] shown =
        [
            masker.Client("AUTH LOGIN"u8), masker.Server("334 VXNlcm5hbWU6"u8),
            masker.Client("YWxpY2U="u8), masker.Server("334 UGFzc3dvcmQ6"u8),
            masker.Client("c2VjcmV0"u8), masker.Server("235 2.7.0 ok"u8),
            masker.Client("MAIL FROM:<a@b>"u8),
        ];
        Assert.Equal(["AUTH LOGIN", "334 VXNlcm5hbWU6", "***", "334 UGFzc3dvcmQ6", "***", "235 2.7.0 ok", "MAIL FROM:<a@b>"], shown);
    }

    [Fact]
    public void Responses_that_did_not_wait_are_masked()
    {
        var masker = new SmtpLineMasker();
        masker.Client("AUTH LOGIN"u8);
        Assert.Equal("***", masker.Client("YWxpY2U="u8));
        Assert.Equal("***", masker.Client("c2VjcmV0"u8));
    }

    [Fact]
    public void Responses_after_the_server_has_refused_are_masked_because_they_are_no_commands()
    {
        var masker = new SmtpLineMasker();
        masker.Client("AUTH LOGIN"u8);
        masker.Server("504 5.5.4 no"u8);
        Assert.Equal("***", masker.Client("c2VjcmV0"u8));
        Assert.Equal("QUIT", masker.Client("QUIT"u8));
    }

    [Fact]
    public void Reply_to_an_earlier_command_does_not_unmask_what_follows_a_challenge()
    {
        var masker = new SmtpLineMasker();
        masker.Client("NOOP"u8);
        masker.Client("AUTH PLAIN"u8);
        masker.Server("250 2.0.0 ok"u8);
        masker.Server("334 "u8);
        Assert.Equal("***", masker.Client("NOOP"u8));
    }

    [Fact]
    public void Lines_of_a_long_reply_do_not_end_the_exchange_before_the_last()
    {
        var masker = new SmtpLineMasker();
        masker.Client("AUTH PLAIN"u8);
        masker.Server("535-5.7.8 no"u8);
        Assert.Equal("***", masker.Client("QUIT"u8));
    }

    [Fact]
    public void A_message_is_masked_also_where_it_looks_like_commands()
    {
        var masker = new SmtpLineMasker();
        masker.Client("DATA"u8);
        masker.Server("354 go on"u8);

        Assert.Equal("***", masker.Client("Mail password: hunter2"u8));
        Assert.Equal("***", masker.Client("HELP me"u8));
        Assert.Equal(".", masker.Client("."u8));
        Assert.Equal("QUIT", masker.Client("QUIT"u8));
    }

    [Fact]
    public void Cancellation_and_empty_response_are_shown()
    {
        var masker = new SmtpLineMasker();
        masker.Client("AUTH SCRAM-SHA-256"u8);
        Assert.Equal("", masker.Client("\r\n"u8));
        Assert.Equal("*", masker.Client("*"u8));
    }

    [Fact]
    public void Shown_lines_are_printable_and_bounded()
    {
        var masker = new SmtpLineMasker();
        Assert.Equal("250 \\x1b[31m\\xff", masker.Server([.. "250 "u8, 0x1b, .. "[31m"u8, 0xff]));
        string shown = masker.Server(Encoding.ASCII.GetBytes("250 " + new string('x', 5000)));
        Assert.Equal(1001, shown.Length);
    }

    [Fact]
    public void Random_lines_come_out_printable()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var masker = new SmtpLineMasker();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] line = new byte[random.Next(20)];
            random.NextBytes(line);
            byte[] start = random.Next(3) switch { 0 => "AUTH "u8.ToArray(), 1 => "334 "u8.ToArray(), _ => [] };
            string shown = random.Next(2) == 0 ? masker.Client([.. start, .. line]) : masker.Server([.. start, .. line]);
            Assert.True(shown.All(static character => character is >= ' ' and <= '~'), $"seed {seed}: {shown}");
        }
    }

    [Fact]
    public async Task Nothing_secret_of_any_conversation_is_shown()
    {
        const string password = "c3VwZXIgc2VjcmV0 and more";
        foreach (string mechanism in new[] { "PLAIN", "LOGIN", "CRAM-MD5" })
        {
            using SmtpAuthServer server = TestServer.Make(accounts: new TestAccounts().Add("bob", password));
            using SmtpAuthClient client = TestClient.Make(password, "bob", TestServer.Tls, null, []);
            var pipe = new LinePipe();
            Task<SmtpAuthResult> login = client.RunAsync([mechanism], pipe.ClientWrites, pipe.ClientReads).AsTask();
            SmtpAuthServer.IsAuthCommand((await pipe.ServerReads(default))!.Value, out ReadOnlyMemory<byte> argument);
            await server.RunAsync(argument, pipe.ServerWrites, pipe.ServerReads);
            Assert.True((await login).IsSuccess);

            var masker = new SmtpLineMasker();
            foreach (string line in pipe.Conversation)
            {
                byte[] octets = Encoding.ASCII.GetBytes(line[3..]);
                string shown = line[0] == 'C' ? masker.Client(octets) : masker.Server(octets);
                if (line[0] == 'C')
                    Assert.Matches("^(AUTH [A-Z0-9-]+( \\*\\*\\*)?|\\*\\*\\*)$", shown);
                Assert.DoesNotContain(TestServer.Base64(password), shown, StringComparison.Ordinal);
            }
        }
    }
}
