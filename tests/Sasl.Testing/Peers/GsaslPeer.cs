namespace Sasl.Testing.Peers;

/// <summary>
/// The gsasl program on standard input and output: one line of base64 for each message, strictly by turns, the program first. Its first
/// message is empty when the other side has to begin. Needs the program "gsasl".
/// </summary>
/// <remarks>
/// The server ends without a further message when it refuses. It has no ANONYMOUS, EXTERNAL and no -PLUS here. No security layers: its
/// server offers DIGEST-MD5 with auth only, and its client negotiates auth-int, as it does when nothing else is said, but seals nothing. For the
/// layer itself see <see cref="GsaslSession"/>.
/// </remarks>
public sealed class GsaslPeer : IAsyncDisposable
{
    // What its server says of a principal before it asks whether that one may come in.
    private const string WhoActs = "Authzid: ";
    private const string WhoIs = "Display Name: ";
    private const string Question = "Validate GSS-API user? (y/n) ";
    private const string Yes = "y";

    private readonly PeerProcess _process;
    private readonly string _trustLine;

    private GsaslPeer(PeerProcess process, string trustLine)
    {
        _process = process;
        _trustLine = trustLine;
    }

    /// <summary>The mechanisms of its server side that need no more than a user name and a password.</summary>
    public static IReadOnlyList<string> ServerMechanisms => ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"];

    /// <summary>Starts gsasl as a server for one authentication.</summary>
    public static Task<GsaslPeer> StartServerAsync(GsaslOptions options) => StartAsync("--server", "(client trusted)", options);

    /// <summary>Starts gsasl as a client for one authentication.</summary>
    public static Task<GsaslPeer> StartClientAsync(GsaslOptions options) => StartAsync("--client", "(server trusted)", options);

    /// <summary>The next message, empty or not; null when the program has ended. Where it asks whether a principal may come in, that one may.</summary>
    /// <exception cref="PeerException">It printed none within 15 seconds.</exception>
    public async Task<byte[]?> ReceiveAsync()
    {
        while (await _process.ReadLineAsync() is string line)
        {
            if (line.StartsWith(WhoIs, StringComparison.Ordinal))
            {
                await _process.WriteLineAsync(Yes);
            }
            else if (!line.StartsWith(WhoActs, StringComparison.Ordinal))
            {
                return Convert.FromBase64String(line.Replace(Question, "", StringComparison.Ordinal));
            }
        }

        return null;
    }

    /// <summary>Answers with a message, empty or not.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> message) => _process.WriteLineAsync(Convert.ToBase64String(message.Span));

    /// <summary>
    /// Gives it the empty line that it still reads after its last message, and waits for its end. True when it said that it trusts the
    /// other side.
    /// </summary>
    /// <param name="asksForUser">Whether it asks, after its last message, whether the principal may come in.</param>
    public async Task<(bool Trusts, PeerResult Result)> FinishAsync(bool asksForUser = false)
    {
        PeerResult result = await _process.FinishAsync(asksForUser ? $"{Yes}\n\n" : "\n");
        return (result.Succeeded && result.Transcript.Contains(_trustLine, StringComparison.Ordinal), result);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<GsaslPeer> StartAsync(string side, string trustLine, GsaslOptions options)
    {
        PeerProcess process = PeerProcess.Start(new PeerCommand("gsasl",
        [
            side, "--mechanism", options.Mechanism, "--no-cb",
            "--application-data", // It is on by default, and this turns it off.
            "--authentication-id", options.User, "--password", options.Password,
            "--service", options.Service, "--hostname", "localhost", "--realm", "localhost",
            .. options.ActAs is null ? (string[])[] : ["--authorization-id", options.ActAs],
            .. options.ExtraArguments,
        ])
        {
            LineBuffered = true,
            Environment = options.Environment,
        });
        string? mechanism = await process.ReadLineAsync();
        if (mechanism == options.Mechanism)
        {
            return new GsaslPeer(process, trustLine);
        }

        await process.DisposeAsync();
        throw new PeerException($"gsasl did not begin with {options.Mechanism}.", process.Transcript.ToString());
    }
}
