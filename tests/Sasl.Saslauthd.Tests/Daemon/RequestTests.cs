using System.Net;
using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>What the daemon answers to one request.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private readonly TestDaemon _daemon = new();

    public static TheoryData<string[], string> Refusals => new()
    {
        { ["", "secret", "smtp", ""], "NO NULL login received" },
        { ["alice", "", "smtp", ""], "NO NULL password received" },
        { ["", "", "", ""], "NO NULL login received" },
        { [new string('a', 257), "secret", "smtp", ""], "NO " },
        { ["alice", new string('p', 257), "smtp", ""], "NO " },
        { ["alice", "secret", new string('s', 257), ""], "NO " },
        { ["alice", "secret", "smtp", new string('r', 257)], "NO " },
        { ["alice", "secret", "smtp", new string('r', 65_535)], "NO " },
    };

    [Fact]
    public async Task Four_strings_are_answered()
    {
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal("NO", await _daemon.AskAsync("alice", "wrong"));
        Assert.Equal(2, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task The_checker_gets_login_realm_and_service_as_they_were_sent()
    {
        await _daemon.AskAsync("älice", "secret", "imap", "example.com");

        (SaslUser user, SaslServiceInfo service) = Assert.Single(_daemon.Checker.Seen);
        Assert.Equal(new SaslUser("älice", "example.com"), user);
        Assert.Equal("imap", service.Service);
        Assert.Equal("example.com", service.Realm);
        Assert.Null(service.Channel.Remote);
    }

    [Fact]
    public async Task The_fifth_string_is_the_clients_address()
    {
        Assert.Equal("OK", await MuxPeer.AskAsync(_daemon.Socket, "alice", "secret", "smtp", "", "192.0.2.1;40000"));

        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40000), Assert.Single(_daemon.Checker.Seen).Service.Channel.Remote);
        Assert.Equal("192.0.2.1;40000", Assert.Single(await _daemon.Log.WaitAsync(1)).ClientAddress);
    }

    [Fact]
    public async Task An_empty_fifth_string_is_answered_too()
    {
        Assert.Equal("OK", await MuxPeer.AskAsync(_daemon.Socket, "alice", "secret", "smtp", "", ""));
        Assert.Null(Assert.Single(await _daemon.Log.WaitAsync(1)).ClientAddress);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_request_may_come_octet_by_octet(int strings)
    {
        using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
        foreach (byte octet in MuxPeer.Request(new[] { "alice", "secret", "smtp", "r", "192.0.2.1;1" }[..strings]))
            await peer.SendAsync([octet]);

        Assert.Equal("OK", await peer.AnswerAsync());
        Assert.Equal(new SaslUser("alice", "r"), Assert.Single(_daemon.Checker.Seen).User);
    }

    [Fact]
    public async Task A_peer_that_ends_sending_behind_four_strings_is_answered()
    {
        using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
        await peer.SendAsync([0]);
        await peer.SendAsync(MuxPeer.Request("alice", "secret", "smtp", "")[1..]);
        peer.EndSending();

        Assert.Equal("OK", await peer.AnswerAsync());
    }

    [Fact]
    public async Task Whatever_stands_behind_the_fourth_string_and_is_no_string_is_ignored()
    {
        using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
        await peer.SendAsync([.. MuxPeer.Request("alice", "secret", "smtp", ""), .. "QUIT\r\n"u8]);

        Assert.Equal("OK", await peer.AnswerAsync());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_none_is_refused_in_the_originals_words(string[] strings, string answer)
    {
        Assert.Equal(answer, await MuxPeer.AskAsync(_daemon.Socket, strings));
        Assert.Equal(0, _daemon.Checker.Calls);
        Assert.True(Assert.Single(await _daemon.Log.WaitAsync(1)).IsRefused);
    }

    [Fact]
    public async Task Strings_of_256_octets_are_taken()
    {
        Assert.Equal("NO", await MuxPeer.AskAsync(_daemon.Socket, new string('a', 256), new string('p', 256), new string('s', 256), new string('r', 256), new string('c', 256)));
        Assert.Equal(1, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task Saslauthd_NUL_truncation_a_NUL_in_any_string_is_refused()
    {
        foreach (string[] strings in (string[][])[["alice\0x", "secret", "smtp", ""], ["alice", "secret\0x", "smtp", ""], ["alice", "secret", "sm\0tp", ""], ["alice", "secret", "smtp", "\0"]])
            Assert.Equal("NO a string contains NUL", await MuxPeer.AskAsync(_daemon.Socket, strings));
        Assert.Equal(0, _daemon.Checker.Calls);
    }

    [Theory]
    [InlineData("ali\nce", "smtp", "")]
    [InlineData("alice", "sm\rtp", "")]
    [InlineData("alice", "smtp", "re\u001balm")]
    [InlineData("alice\u0085", "smtp", "")]
    public async Task Names_with_control_characters_are_refused(string login, string service, string realm)
    {
        Assert.StartsWith("NO ", await _daemon.AskAsync(login, "secret", service, realm));
        Assert.Equal(0, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_refused_and_a_password_may_be_anything()
    {
        using MuxPeer name = await MuxPeer.ConnectAsync(_daemon.Socket);
        await name.SendAsync([.. MuxPeer.Counted([0xff, 0xfe]), .. MuxPeer.Request("secret", "smtp", "")]);
        Assert.StartsWith("NO ", await name.AnswerAsync());
        Assert.Equal(0, _daemon.Checker.Calls);

        using MuxPeer password = await MuxPeer.ConnectAsync(_daemon.Socket);
        await password.SendAsync([.. MuxPeer.Request("alice"), .. MuxPeer.Counted([0xff, 0x0a, 0x80]), .. MuxPeer.Request("smtp", "")]);
        Assert.Equal("NO", await password.AnswerAsync());
        Assert.Equal(1, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task Count_and_text_of_the_answer_come_together()
    {
        using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
        await peer.SendAsync(MuxPeer.Request("alice", "secret", "smtp", ""));

        Assert.Equal("\0\u0002OK", Encoding.Latin1.GetString(await peer.ReceiveOnceAsync()));
    }

    [Fact]
    public async Task The_checkers_reason_follows_NO()
    {
        _daemon.Checker.Instead = static (_, _, _) => Task.FromResult(new PasswordVerdict(PasswordOutcome.Expired) { Reason = "Password\nexpired" });

        Assert.Equal(@"NO Password\x0aexpired", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal(PasswordOutcome.Expired, Assert.Single(await _daemon.Log.WaitAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_checker_that_throws_is_an_internal_failure_and_shows_nothing_of_what_it_threw()
    {
        _daemon.Checker.Instead = static (_, password, _) => throw new InvalidOperationException($"bad password {password}");
        Assert.Equal("NO internal mechanism failure", await _daemon.AskAsync("alice", "hunter2"));

        _daemon.Checker.Instead = static async (_, _, _) =>
        {
            await Task.Yield();
            throw new SaslUnavailableException("the directory is down");
        };
        Assert.Equal("NO internal mechanism failure", await _daemon.AskAsync("alice", "hunter2"));

        SaslauthdRequestRecord[] records = await _daemon.Log.WaitAsync(2);
        Assert.All(records, static record => Assert.Equal(PasswordOutcome.Unavailable, record.Outcome));
        Assert.Equal("the checker threw InvalidOperationException", records[0].Reason);
        Assert.Equal("the directory is down", records[1].Reason);
    }

    [Fact]
    public async Task Half_a_request_gets_no_answer_and_disturbs_nobody()
    {
        byte[] request = MuxPeer.Request("alice", "secret", "smtp", "realm");
        for (int length = 0; length < request.Length; length++)
        {
            using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
            await peer.SendAsync(request[..length]);
            peer.EndSending();
            Assert.Null(await peer.AnswerAsync());
        }
        Assert.Equal(0, _daemon.Checker.Calls);
        Assert.Equal(request.Length, _daemon.Server.Statistics.Dropped);
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));
    }

    [Fact]
    public async Task Endless_requests_are_refused_without_being_read()
    {
        using MuxPeer peer = await MuxPeer.ConnectAsync(_daemon.Socket);
        await peer.SendAsync([0xff, 0xff, .. new byte[100_000]]);
        Assert.Equal("NO ", await peer.AnswerAsync());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _daemon.DisposeAsync();
}
