using System.Text.RegularExpressions;

namespace Sasl.Testing.Peers;

/// <summary>
/// Postfix as a client: an instance whose relayhost is the server under test and whose smtp_sasl_password_maps hold alice's password. It is
/// quick to start, so a test makes one for each relay and mechanism. Needs root, and the program "postfix".
/// </summary>
public sealed partial class PostfixClient : IAsyncDisposable
{
    private readonly PostfixInstance _instance;

    private PostfixClient(PostfixInstance instance, int feedPort)
    {
        _instance = instance;
        FeedPort = feedPort;
    }

    /// <summary>The port on 127.0.0.1 where it takes the mail it relays, from anybody there.</summary>
    public int FeedPort { get; }

    /// <summary>The folder it works in.</summary>
    public string Folder => _instance.Folder;

    /// <summary>Its log.</summary>
    public PeerTranscript Log => _instance.Master.Transcript;

    /// <summary>Starts one that relays as told.</summary>
    public static async Task<PostfixClient> StartAsync(PostfixRelay relay)
    {
        PeerPrograms.Require("postfix");
        PrivateDirectory directory = PrivateDirectory.Create("postfix-client");
        int feedPort = FreePort.Find();
        string passwords = directory.Write("etc/passwords", $"[localhost]:{relay.Port} {relay.User}:{relay.Password}\n");
        string listeners = $"127.0.0.1:{feedPort} inet n - n - - smtpd -o debug_peer_list=";
        PostfixInstance instance = await PostfixInstance.StartAsync(directory, listeners, Settings(relay, passwords), feedPort);
        return new PostfixClient(instance, feedPort);
    }

    /// <summary>Gives it one message and waits for the outcome: sent, deferred or bounced. A deferred message is not tried again.</summary>
    /// <exception cref="PeerException">There was none within 30 seconds.</exception>
    public async Task<PostfixDelivery> DeliverAsync(string message = "Subject: test\n\nA test message.\n")
    {
        int before = Log.Count;
        string queueId = await SmtpFeed.SubmitAsync(FeedPort, "feeder@sender.invalid", "bob@example.org", message);
        string line = await _instance.Master.WaitForLineAsync(
            text => text.Contains($" {queueId}: to=", StringComparison.Ordinal) && StatusPattern().IsMatch(text), before, TimeSpan.FromSeconds(30));
        IEnumerable<string> dialogue = Log.Snapshot().Skip(before).Select(static entry => DialoguePattern().Match(entry.Text))
            .Where(static match => match.Success).Select(static match => $"{match.Groups["direction"]} {match.Groups["text"]}");
        return new PostfixDelivery(Status(line), line[line.IndexOf("to=", StringComparison.Ordinal)..], [.. dialogue]);
    }

    /// <summary>Waits for a line of its log; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _instance.Master.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _instance.DisposeAsync();

    [GeneratedRegex(@"status=(?<status>sent|deferred|bounced) ")]
    private static partial Regex StatusPattern();

    [GeneratedRegex(@"/smtp\[\d+\]: (?<direction>[<>]) \S+: (?<text>.*)$")]
    private static partial Regex DialoguePattern();

    private static PostfixStatus Status(string line) => StatusPattern().Match(line).Groups["status"].Value switch
    {
        "sent" => PostfixStatus.Sent,
        "deferred" => PostfixStatus.Deferred,
        _ => PostfixStatus.Bounced,
    };

    private static string Settings(PostfixRelay relay, string passwords) =>
        $$"""
        myhostname = client.localhost
        mydestination =
        mynetworks = 127.0.0.0/8
        smtpd_relay_restrictions = permit_mynetworks, reject
        # What comes back to the sender must not become a second message to the relay.
        transport_maps = inline:{ { sender.invalid = discard: } }
        relayhost = [localhost]:{{relay.Port}}
        smtp_sasl_auth_enable = yes
        smtp_sasl_type = cyrus
        smtp_sasl_password_maps = texthash:{{passwords}}
        smtp_sasl_security_options = {{relay.SecurityOptions}}
        smtp_sasl_tls_security_options = {{relay.SecurityOptions}}
        smtp_sasl_mechanism_filter = {{relay.MechanismFilter}}
        smtp_tls_security_level = {{(relay.Tls == PeerTls.None ? "none" : "secure")}}
        smtp_tls_wrappermode = {{(relay.Tls == PeerTls.Implicit ? "yes" : "no")}}
        smtp_tls_CAfile = {{relay.CaFile}}
        smtp_tls_loglevel = 1
        smtp_connect_timeout = 10s
        debug_peer_list = localhost, 127.0.0.1
        debug_peer_level = 2
        {{relay.ExtraSettings}}

        """;
}
