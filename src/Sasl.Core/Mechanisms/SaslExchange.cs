using System.Buffers;

namespace Sasl;

/// <summary>One side of one conversation. A mechanism author writes this class and nothing else.</summary>
/// <remarks>
/// The session upholds these for every exchange, so none has to check them: it is stepped from one caller at a time;
/// the input is no longer than the configured limit and stays valid until the returned task completes;
/// after success or failure it is never stepped again; it is always disposed; what a failing step wrote is never sent.
/// </remarks>
public abstract class SaslExchange : IDisposable
{
    /// <summary>Consumes the peer's message and writes the next one.</summary>
    /// <param name="input">The peer's message; empty on the first step of the side that speaks first.</param>
    /// <param name="output">Receives the message for the peer.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <returns>What the step came to. Whatever the peer sends, an exchange returns a failure and does not throw.</returns>
    public abstract ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken);

    /// <summary>The negotiated security layer, once the exchange has succeeded with one. The session's user disposes it.</summary>
    public virtual SaslSecurityLayer? SecurityLayer => null;

    /// <summary>What the client has passed on to the server, once the exchange has succeeded; null when nothing. The session's user disposes it.</summary>
    public virtual SaslDelegatedCredential? DelegatedCredential => null;

    /// <summary>A server has refused the client's credentials without a word inside the mechanism. Called on clients only, at most once, before the erasure.</summary>
    protected internal virtual void OnRefused()
    {
    }

    /// <summary>Erases what is secret.</summary>
    public void Dispose()
    {
        Erase();
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases what is secret. The session calls it once, whatever became of the exchange.</summary>
    protected virtual void Erase()
    {
    }
}
