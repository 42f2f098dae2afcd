namespace Sasl.Cli.Sample;

/// <summary>How the sample programs talk to each other: the framing differs, the conversation does not.</summary>
internal abstract class SampleTransport : IAsyncDisposable
{
    /// <summary>The longest message taken from the other side, in octets.</summary>
    public const int MaxMessageLength = 64 * 1024;

    /// <summary>Whether the two sides exchange one sealed message each after the authentication.</summary>
    public abstract bool ExchangesMessages { get; }

    public abstract Task SendMechanismsAsync(string mechanisms, CancellationToken cancellationToken);

    public abstract Task<string> ReceiveMechanismsAsync(CancellationToken cancellationToken);

    public abstract Task SendStartAsync(string mechanism, ReadOnlyMemory<byte>? initialResponse, CancellationToken cancellationToken);

    public abstract Task<(string Mechanism, ReadOnlyMemory<byte>? InitialResponse)> ReceiveStartAsync(CancellationToken cancellationToken);

    public abstract Task SendChallengeAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken);

    /// <summary>The next challenge; null when the server has said that it is done.</summary>
    public abstract Task<ReadOnlyMemory<byte>?> ReceiveChallengeAsync(CancellationToken cancellationToken);

    public abstract Task SendResponseAsync(ReadOnlyMemory<byte> response, CancellationToken cancellationToken);

    public abstract Task<ReadOnlyMemory<byte>> ReceiveResponseAsync(CancellationToken cancellationToken);

    /// <summary>Tells the client how it ended, where the framing has a word for it.</summary>
    public abstract Task SendOutcomeAsync(bool success, CancellationToken cancellationToken);

    /// <summary>Takes the server's word that it is done, where the framing has one.</summary>
    public abstract Task ReceiveSuccessAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
