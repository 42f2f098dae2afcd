namespace Sasl;

/// <summary>What a session will reply, before it is made into a <see cref="SaslReply"/>: small enough for registers, because it is handed on from method to method.</summary>
/// <param name="Status">Where the exchange stands.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="HasMessage">Whether the message is what the exchange has written; otherwise there is none.</param>
internal readonly record struct SessionAnswer(SaslStatus Status, SaslError Error, bool HasMessage)
{
    /// <summary>Go on with what was written, even if that is nothing.</summary>
    public static SessionAnswer Continue => new(SaslStatus.Continue, SaslError.None, HasMessage: true);

    public static SessionAnswer Failed(SaslError error) => new(SaslStatus.Failure, error, HasMessage: false);

    public static SessionAnswer Succeeded(bool hasMessage) => new(SaslStatus.Success, SaslError.None, hasMessage);

    /// <summary>The reply.</summary>
    /// <param name="written">What the exchange has written.</param>
    public SaslReply With(ReadOnlyMemory<byte> written) => new(Status, Error, HasMessage ? (ReadOnlyMemory<byte>?)written : null);
}
