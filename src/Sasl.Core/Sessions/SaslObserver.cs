namespace Sasl;

/// <summary>Sees what server sessions do, and can only watch. The one place that logs and audit trails are made from.</summary>
/// <remarks>Called on the session's thread; must be quick, thread-safe, and must not throw.</remarks>
public abstract class SaslObserver
{
    /// <summary>Watches nothing.</summary>
    public static SaslObserver None { get; } = new Nobody();

    /// <summary>An exchange has begun.</summary>
    /// <param name="attempt">The exchange.</param>
    public virtual void Started(SaslAttempt attempt)
    {
    }

    /// <summary>Somebody is authenticated and authorised.</summary>
    /// <param name="attempt">The exchange.</param>
    /// <param name="identity">Who.</param>
    public virtual void Succeeded(SaslAttempt attempt, SaslIdentity identity)
    {
    }

    /// <summary>An exchange, or the attempt to begin one, has failed.</summary>
    /// <param name="attempt">The exchange.</param>
    /// <param name="error">What the peer is told.</param>
    /// <param name="diagnostic">A constant that names the check that failed.</param>
    public virtual void Failed(SaslAttempt attempt, SaslError error, string diagnostic)
    {
    }

    /// <summary>A back end threw, which becomes a temporary failure.</summary>
    /// <param name="attempt">The exchange.</param>
    /// <param name="exception">What it threw. Back ends are other people's code: this may contain what they put into it.</param>
    public virtual void BackendThrew(SaslAttempt attempt, Exception exception)
    {
    }

    /// <summary>An anonymous peer has left a trace (RFC 4505), prepared and at most 255 characters.</summary>
    /// <param name="attempt">The exchange.</param>
    /// <param name="trace">The trace, which proves nothing.</param>
    public virtual void AnonymousTrace(SaslAttempt attempt, string trace)
    {
    }

    private sealed class Nobody : SaslObserver;
}
