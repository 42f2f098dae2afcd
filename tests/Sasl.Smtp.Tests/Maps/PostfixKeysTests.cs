using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Smtp.Tests.Maps;

/// <summary>A real Postfix is given tables that only remember what they are asked for: the keys, and their order, must be ours.</summary>
public sealed class PostfixKeysTests
{
    private static readonly SmtpMapOptions s_options = new() { RecipientDelimiter = "+-", LocalDomains = ["example.com"] };

    private static readonly string[] s_senders =
    [
        "bob@example.com", "Bob+Lists@Example.COM", "bob+a-b@example.net", "a-b+c@example.com", "\"a b\"@example.com", "\"a b+c d\"@example.net",
        "\"bob\"@example.com", "\"q\\\"uote\"@example.net", "\"back\\\\slash\"@example.net", "postmaster+x@example.com",
        "mailer-daemon+x@example.net", "double-bounce+x@example.net", "owner-list@example.com", "list-request@example.com", "+x@example.com",
        "\"a@b\"@example.net", "dotted.name@example.com", "\"dotted..name\"@example.com", "x@sub.example.com", "list-requests@example.net",
    ];

    [PeerFact("postfix")]
    public async Task Passwords_and_owners_are_looked_for_under_the_keys_of_Postfix_in_its_order()
    {
        await using var passwords = new LookupRecorder();
        await using var owners = new LookupRecorder();
        await using var relay = new FakeRelay();
        using PrivateDirectory tables = PrivateDirectory.Create("tables");
        await using PostfixClient postfix = await PostfixClient.StartAsync(new PostfixRelay(relay.Port)
        {
            ExtraSettings =
                $"""
                mydestination = example.com
                local_recipient_maps =
                recipient_delimiter = +-
                smtp_sender_dependent_authentication = yes
                smtp_sasl_password_maps = memcache:{tables.Write("passwords.cf", passwords.Configuration)}
                smtpd_sasl_auth_enable = yes
                smtpd_sender_login_maps = memcache:{tables.Write("owners.cf", owners.Configuration)}
                smtpd_sender_restrictions = reject_unauthenticated_sender_login_mismatch
                """,
        });

        await postfix.DeliverAsync();
        var destination = new SmtpDestination("localhost") { NextHop = $"[localhost]:{relay.Port}", Sender = "feeder@sender.invalid" };
        using SmtpPasswordMap map = SmtpPasswordMap.Parse([], "empty", s_options);
        Assert.Equal(passwords.Take(), map.Find(destination).KeysTried.AsEnumerable());

        owners.Take();
        foreach (string sender in s_senders)
        {
            await AskAsync(postfix.FeedPort, sender);
            IEnumerable<string> ours = AddressKeys.Of(sender, s_options).Where(static key => !key.Contains(' ', StringComparison.Ordinal));
            Assert.Equal((sender, string.Join('\n', owners.Take())), (sender, string.Join('\n', ours)));
        }
    }

    private static async Task AskAsync(int port, string sender)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await reader.ReadLineAsync(limit.Token);
        foreach (string command in (string[])["HELO localhost", $"MAIL FROM:<{sender}>", "RCPT TO:<bob@example.org>", "QUIT"])
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), limit.Token);
            string? reply = await reader.ReadLineAsync(limit.Token);
            Assert.True(reply is ['2', ..], $"{command}: {reply}");
        }
    }
}
