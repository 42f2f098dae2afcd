namespace Sasl;

/// <summary>What the application does next: send <see cref="Message"/> if there is one, then go on, accept, or refuse.</summary>
/// <param name="Status">Where the exchange stands.</param>
/// <param name="Error">Why it failed, as far as the peer may know.</param>
/// <param name="Message">The message for the peer, perhaps empty; null when there is none. Valid until the session is used again or disposed.</param>
public readonly record struct SaslReply(SaslStatus Status, SaslError Error, ReadOnlyMemory<byte>? Message)
{
    /// <summary>Whether the peer's next message is awaited.</summary>
    public bool NeedsMore => Status is SaslStatus.Continue;

    /// <summary>Whether the exchange has succeeded.</summary>
    public bool IsSuccess => Status is SaslStatus.Success;

    internal static SaslReply Failed(SaslError error) => new(SaslStatus.Failure, error, null);

    internal static SaslReply Continue(ReadOnlyMemory<byte>? message) => new(SaslStatus.Continue, SaslError.None, message);

    /// <summary>The status and error, never the message.</summary>
    public override string ToString() => Status is SaslStatus.Failure ? $"{Status} {Error}" : $"{Status}";
}
