namespace Sasl.Kerberos;

/// <summary>Tickets that a client has passed on to the server, so that the server can act in its name. In memory until they are stored.</summary>
/// <remarks>They are as good as the client's password for as long as they last. Dispose them when the session ends.</remarks>
public sealed class KerberosDelegatedCredential : SaslDelegatedCredential
{
    private readonly GssCredential _credential;

    internal KerberosDelegatedCredential(string principal, GssCredential credential)
    {
        Principal = principal;
        _credential = credential;
    }

    /// <inheritdoc/>
    public override string Principal { get; }

    /// <summary>Writes the tickets into a credential cache, which any Kerberos program can use with <c>KRB5CCNAME</c>.</summary>
    /// <param name="cache">The cache: a file, or <c>TYPE:name</c> such as <c>FILE:/run/imap/krb5cc_alice</c>. What was in it is lost. A file
    /// is readable by this process's user alone.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="PlatformNotSupportedException">The GSS library cannot be told where to store.</exception>
    /// <exception cref="ObjectDisposedException">The tickets are gone.</exception>
    public void Store(string cache)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        ObjectDisposedException.ThrowIf(_credential.IsClosed, this);
        if (!GssLibrary.ChoosesStores)
            throw new PlatformNotSupportedException("The GSS library cannot be told where to store tickets.");
        try
        {
            _credential.Store(cache);
        }
        catch (GssException problem)
        {
            throw new IOException($"The delegated tickets cannot be stored: {problem.Words}.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _credential.Dispose();
        base.Dispose(disposing);
    }
}
