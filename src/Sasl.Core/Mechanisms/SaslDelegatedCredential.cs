namespace Sasl;

/// <summary>What a client has passed on to the server so that the server can act in its name elsewhere (Cyrus: SASL_DELEGATEDCREDS).</summary>
/// <remarks>The mechanism's own type says what can be done with it.</remarks>
public abstract class SaslDelegatedCredential : IDisposable
{
    /// <summary>Whose it is, in the words of the mechanism: for Kerberos the principal with its realm.</summary>
    public abstract string Principal { get; }

    /// <summary>Erases it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases it.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
