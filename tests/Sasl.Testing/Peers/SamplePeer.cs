namespace Sasl.Testing.Peers;

/// <summary>
/// A program that speaks the line protocol of Cyrus's sample programs on standard input and output: "S: " or "C: " and base64, every other
/// line commentary. Cyrus's own come from <see cref="CyrusSample"/>; any other program of the kind, such as ours, from <see cref="Start"/>.
/// </summary>
public sealed class SamplePeer : IAsyncDisposable
{
    private readonly PeerProcess _process;

    private SamplePeer(SampleRole role, PeerProcess process)
    {
        Role = role;
        _process = process;
    }

    /// <summary>The side that the program plays.</summary>
    public SampleRole Role { get; }

    /// <summary>What it has printed: protocol lines, commentary, and standard error.</summary>
    public PeerTranscript Transcript => _process.Transcript;

    private string OwnPrefix => Role == SampleRole.Server ? "S: " : "C: ";

    private string OtherPrefix => Role == SampleRole.Server ? "C: " : "S: ";

    /// <summary>Starts a program that plays a side.</summary>
    public static SamplePeer Start(SampleRole role, PeerCommand command) => new(role, PeerProcess.Start(command));

    /// <summary>The next message of the program, or null when it has ended. From a server the first is its list of mechanisms.</summary>
    /// <exception cref="PeerException">It printed none within 15 seconds.</exception>
    public async Task<byte[]?> ReceiveAsync()
    {
        while (await _process.ReadLineAsync() is string line)
        {
            if (line.StartsWith(OwnPrefix, StringComparison.Ordinal))
            {
                return Convert.FromBase64String(line[OwnPrefix.Length..]);
            }
        }

        return null;
    }

    /// <summary>Sends the program a message. To a server the first is the mechanism, and after a NUL the initial response if there is one.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> message) => _process.WriteLineAsync(OtherPrefix + Convert.ToBase64String(message.Span));

    /// <summary>Closes its standard input and waits for its end.</summary>
    public Task<PeerResult> FinishAsync() => _process.FinishAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
