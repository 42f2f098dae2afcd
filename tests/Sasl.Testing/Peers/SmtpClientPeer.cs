namespace Sasl.Testing.Peers;

/// <summary>A mail client that is not ours and can be told which mechanism to use.</summary>
public abstract class SmtpClientPeer
{
    /// <summary>The program, as <see cref="PeerFactAttribute"/> takes it.</summary>
    public abstract string Program { get; }

    /// <summary>The mechanisms it has that need no more than a user name and a password.</summary>
    public abstract IReadOnlyList<string> Mechanisms { get; }

    /// <summary>The ways of protection it has.</summary>
    public virtual IReadOnlyList<PeerTls> Protections => [PeerTls.None, PeerTls.StartTls, PeerTls.Implicit];

    /// <summary>Connects and authenticates, and sends a message where told. Exit code 0 says that all of it worked.</summary>
    /// <exception cref="PeerException">The program did not end within 30 seconds.</exception>
    public Task<PeerResult> RunAsync(SmtpLogin login) => PeerProcess.RunAsync(Command(login));

    /// <inheritdoc/>
    public override string ToString() => Program;

    /// <summary>The command that does it.</summary>
    protected abstract PeerCommand Command(SmtpLogin login);

    /// <summary>The CA file, which a login with TLS must name: no client here trusts a server unseen.</summary>
    protected static string CaFile(SmtpLogin login) =>
        login.CaFile ?? throw new ArgumentException("A login with TLS needs a CA file.", nameof(login));
}
