using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl saslauthd</c>: the built program, asked by those who ask the original.</summary>
[Collection(PeersCollection.Name)]
public sealed class SaslauthdTests(SharedPeers peers) : IAsyncLifetime
{
    private const string Realm = "example.com";
    private const string Right = "0: OK \"Success.\"";
    private const string Wrong = "0: NO \"authentication failed\"";

    private readonly CliFolder _folder = new();

    private string RunDirectory => Path.Combine(_folder.Path, "run");

    private string Mux => Path.Combine(RunDirectory, "mux");

    public static TheoryData<string[], string> WrongCommandLines => new()
    {
        { [], "no authentication mechanism specified" },
        { ["-a", "nosuch"], "unknown authentication mechanism: nosuch" },
        { ["-a", "nosuch"], "sasldb getpwent kerberos5 pam rimap shadow" },
        { ["-a", "sasldb", "-a", "pam"], "-a" },
        { ["-a", "sasldb", "-m", "run"], "-m requires an absolute pathname" },
        { ["-a", "sasldb", "-s", "0"], "cache size must be positive and non zero" },
        { ["-a", "sasldb", "-t", "-1"], "cache timeout must be positive" },
        { ["-a", "sasldb", "-n", "-1"], "-n takes a number" },
        { ["-a", "sasldb", "-n", "many"], "many" },
        { ["-a", "sasldb", "--facility", "mail"], "mail" },
        { ["-a", "sasldb", "-m", "/proc/nowhere"], "/proc/nowhere" },
        { ["-a", "sasldb", "--defaults", "/nonexistent"], "/nonexistent" },
    };

    public async Task InitializeAsync()
    {
        await _folder.StoreAsync("alice", Realm, ("userPassword", "secret"));
        await _folder.StoreAsync("bob", Dns.GetHostName(), ("userPassword", "secret"));
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task What_cannot_be_done_ends_with_1_and_says_what_would_be_accepted(string[] arguments, string words)
    {
        CliResult result = await _folder.RunAsync("", ["saslauthd", .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(words, result.Error);
    }

    [Fact]
    public async Task Flag_v_prints_what_scripts_look_for_on_standard_error()
    {
        CliResult result = await _folder.RunAsync("", "saslauthd", "-v");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Matches(@"\Asaslauthd \d+\.\d+\.\d+\nauthentication mechanisms: sasldb( \w+)*\n\n\z", result.Error);
    }

    [Fact]
    public async Task Saslcache_without_a_daemon_or_without_a_flag_ends_with_1()
    {
        Assert.Equal(1, (await _folder.RunAsync("", "saslcache")).ExitCode);
        CliResult nobody = await _folder.RunAsync("", "saslcache", "-s", "-m", RunDirectory);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains(RunDirectory, nobody.Error);
    }

    [PeerFact("testsaslauthd")]
    public async Task Testsaslauthd_gets_the_originals_answers()
    {
        await using PeerProcess daemon = await StartAsync("-c");

        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
        Assert.Equal((255, Wrong), await AskAsync("-u", "alice", "-r", Realm, "-p", "wrong"));
        Assert.Equal((255, Wrong), await AskAsync("-u", "nobody", "-r", Realm, "-p", "secret"));
        Assert.Equal((255, Wrong), await AskAsync("-u", "alice", "-r", "elsewhere", "-p", "secret"));
        Assert.Equal((0, Right), await AskAsync("-u", "bob", "-p", "secret"));
        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-s", "pop", "-p", "secret"));

        await daemon.WaitForLineAsync(static line => line.Contains("auth success: [user=alice] [service=pop] [realm=example.com] [mech=sasldb]", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", daemon.Transcript.ToString());
        CliResult counters = await _folder.RunAsync("", "saslcache", "-s", "-m", RunDirectory);
        Assert.Contains("requests    : 6\n", counters.Output);
        Assert.Contains("entries     : 3\n", counters.Output);
        Assert.Equal(3, (await _folder.RunAsync("", "saslcache", "-d", "-m", RunDirectory)).Lines.Length);
        Assert.Equal(0, (await _folder.RunAsync("", "saslcache", "--flush", "-m", RunDirectory)).ExitCode);
        Assert.Contains("entries     : 0\n", (await _folder.RunAsync("", "saslcache", "-s", "-m", RunDirectory)).Output);
    }

    [Fact]
    public async Task A_second_instance_ends_with_2_in_the_originals_words()
    {
        await using PeerProcess daemon = await StartAsync();
        PeerResult second = await CliProgram.RunAsync(_folder.Path, "", Arguments());

        Assert.Equal(2, second.ExitCode);
        Assert.Contains("Another instance of saslauthd is currently running", second.Transcript);
        Assert.False(daemon.HasExited);
    }

    [PeerFact("saslauthd", "testsaslauthd")]
    public async Task The_original_and_ours_do_not_start_beside_each_other()
    {
        await using (PeerProcess ours = await StartAsync())
        {
            PeerResult original = await PeerProcess.RunAsync(new PeerCommand("saslauthd", "-d", "-a", "sasldb", "-m", RunDirectory));
            Assert.NotEqual(0, original.ExitCode);
            Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
        }
        await using SaslauthdPeer running = await SaslauthdPeer.StartAsync();
        PeerResult second = await CliProgram.RunAsync(_folder.Path, "", "saslauthd", "-a", "sasldb", "-m", running.RunDirectory);
        Assert.Equal(2, second.ExitCode);
    }

    [PeerFact("testsaslauthd")]
    public async Task Kill_9_leaves_nothing_that_hinders_the_next_one()
    {
        await using (PeerProcess killed = await StartAsync())
        {
            killed.Signal(UnixSignal.Kill);
            await killed.FinishAsync();
        }
        Assert.True(File.Exists(Mux));
        await using PeerProcess next = await StartAsync();

        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
    }

    [Fact]
    public async Task SIGTERM_stops_it_cleanly_with_0()
    {
        await using PeerProcess daemon = await StartAsync();
        daemon.Signal(UnixSignal.Terminate);
        PeerResult result = await daemon.FinishAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("stopped after 0 requests", result.Transcript);
        Assert.Empty(Directory.GetFileSystemEntries(RunDirectory));
    }

    [PeerFact("testsaslauthd")]
    public async Task SIGHUP_reads_the_checkers_configuration_again_and_keeps_the_socket()
    {
        await using PeerProcess daemon = await StartAsync("-c");
        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
        await _folder.StoreAsync("alice", Realm, ("userPassword", "changed"));
        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));    // remembered

        daemon.Signal(UnixSignal.Hangup);
        await daemon.WaitForLineAsync(static line => line.Contains("reloaded", StringComparison.Ordinal));
        Assert.Equal((255, Wrong), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "changed"));
    }

    [PeerFact("testsaslauthd")]
    public async Task A_reload_that_cannot_work_leaves_the_old_configuration_in_force()
    {
        const string Working = "httpform_host: 127.0.0.1\nhttpform_port: 1\nhttpform_uri: /login\nhttpform_data: user=%u&password=%p\n";
        string file = _folder.Write("httpform.conf", Working);
        await using PeerProcess daemon = await StartAsync(["saslauthd", "-a", "httpform", "-O", file, "-m", RunDirectory, "-d", "--facility", "none"], null);
        _folder.Write("httpform.conf", "this is no option\n");
        daemon.Signal(UnixSignal.Hangup);

        string line = await daemon.WaitForLineAsync(static line => line.Contains("not reloaded, the old configuration stays in force", StringComparison.Ordinal));
        Assert.Contains(file, line);
        Assert.Equal((255, Wrong), await AskAsync("-u", "alice", "-p", "secret"));    // nobody listens on port 1
        Assert.False(daemon.HasExited);
    }

    [Fact]
    public async Task Systemd_is_told_READY_RELOADING_and_STOPPING()
    {
        string path = Path.Combine(_folder.Path, "notify");
        using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notify.Bind(new UnixDomainSocketEndPoint(path));
        await using PeerProcess daemon = await StartAsync([], new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });

        Assert.StartsWith("READY=1\nSTATUS=serving ", await ReceiveAsync(notify));
        daemon.Signal(UnixSignal.Hangup);
        Assert.Matches(@"\ARELOADING=1\nMONOTONIC_USEC=[1-9]\d*\z", await ReceiveAsync(notify));
        Assert.StartsWith("READY=1\n", await ReceiveAsync(notify));
        daemon.Signal(UnixSignal.Terminate);
        Assert.Equal("STOPPING=1", await ReceiveAsync(notify));
    }

    [PeerFact("testsaslauthd")]
    public async Task A_file_of_defaults_starts_it_and_flags_go_first()
    {
        string defaults = _folder.Write("defaults", $"MECHANISMS=\"pam\"\nTHREADS=3\nMECH_OPTIONS=\"{_folder.Database}\"\nOPTIONS=\"-c -l -m {RunDirectory}\"\nSTRANGE=1\n");
        await using PeerProcess daemon = await StartAsync(["saslauthd", "--defaults", defaults, "-a", "sasldb", "-d", "--facility", "none"], null);

        Assert.Equal((0, Right), await AskAsync("-u", "alice", "-r", Realm, "-p", "secret"));
        string transcript = daemon.Transcript.ToString();
        Assert.Contains($"{defaults}(5): STRANGE means nothing here", transcript);
        Assert.Contains("checks at once: 3; cache: 2", transcript);
        Assert.Contains("the flag -l changes nothing here", transcript);
    }

    [PeerFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task Cyrus_own_client_of_saslauthd_asks_ours()
    {
        await using PeerProcess daemon = await StartAsync();
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        cyrus.Configure($"pwcheck_method: saslauthd\nsaslauthd_path: {Mux}\nmech_list: PLAIN LOGIN\n");

        foreach (string mechanism in (string[])["PLAIN", "LOGIN"])
        {
            Assert.True((await CoupleAsync(cyrus, mechanism, "secret")).Succeeded);
            Assert.False((await CoupleAsync(cyrus, mechanism, "wrong")).Succeeded);
        }
        await daemon.WaitForLineAsync(static line => line.Contains("auth success: [user=alice] [service=sample] [realm=example.com] [mech=sasldb]", StringComparison.Ordinal));
    }

    [PeerFact("postfix", "swaks", "saslpasswd2")]
    public async Task Postfix_lets_swaks_in_through_ours()
    {
        await using PeerProcess daemon = await StartAsync();
        await using PostfixServer postfix = await PostfixServer.StartAsync(peers.Authority, new PostfixServerOptions { Mechanisms = "PLAIN LOGIN", SaslauthdPath = Mux });

        foreach (string mechanism in (string[])["PLAIN", "LOGIN"])
        {
            PeerResult right = await new Swaks().RunAsync(Login(postfix, mechanism, "secret"));
            PeerResult wrong = await new Swaks().RunAsync(Login(postfix, mechanism, "wrong"));
            Assert.True(right.Succeeded, right.Transcript);
            Assert.Contains("235 2.7.0", right.Transcript);
            Assert.Equal(28, wrong.ExitCode);
        }
        await daemon.WaitForLineAsync(static line => line.Contains("auth success: [user=alice] [service=smtp] [realm=example.com] [mech=sasldb]", StringComparison.Ordinal));
        await daemon.WaitForLineAsync(static line => line.Contains("auth failure: [user=alice] [service=smtp] [realm=example.com] [mech=sasldb] [reason=", StringComparison.Ordinal));
    }

    private static Sasl.Testing.Peers.SmtpLogin Login(PostfixServer postfix, string mechanism, string password) =>
        new(postfix.Port) { User = $"alice@{Realm}", Mechanism = mechanism, Password = password };

    private static async Task<SampleOutcome> CoupleAsync(CyrusSample cyrus, string mechanism, string password)
    {
        await using SamplePeer server = cyrus.StartServer();
        await using SamplePeer client = cyrus.StartClient(
            new CyrusSampleOptions { Mechanism = mechanism, User = $"alice@{Realm}", ActAs = null, Password = password });
        return await SampleCoupling.RunAsync(server, client);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] octets = new byte[1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return Encoding.UTF8.GetString(octets, 0, await socket.ReceiveAsync(octets, SocketFlags.None, patience.Token));
    }

    private string[] Arguments(params string[] more) =>
        ["saslauthd", "-a", "sasldb", "-O", _folder.Database, "-m", RunDirectory, "-d", "--facility", "none", .. more];

    private Task<PeerProcess> StartAsync(params string[] more) => StartAsync(Arguments(more), null);

    private Task<PeerProcess> StartAsync(string[] arguments, Dictionary<string, string>? environment)
    {
        PeerCommand command = CliProgram.Command(_folder.Path, arguments.Length == 0 ? Arguments() : arguments);
        return PeerProcess.StartServerAsync(
            command with { Environment = new Dictionary<string, string>(command.Environment.Concat(environment ?? [])) }, "listening on socket:");
    }

    private async Task<(int ExitCode, string Answer)> AskAsync(params string[] arguments)
    {
        PeerResult result = await PeerProcess.RunAsync(new PeerCommand("testsaslauthd", ["-f", Mux, .. arguments]));
        return (result.ExitCode, result.Transcript.Trim());
    }
}
