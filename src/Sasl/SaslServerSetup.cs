using System.Collections.Immutable;

namespace Sasl;

/// <summary>A server with the back ends that were made for it. Keep it as long as the server; disposing it closes the back ends.</summary>
public sealed class SaslServerSetup : IDisposable
{
    private readonly IReadOnlyList<object> _owned;

    internal SaslServerSetup(SaslServer server, SaslExplanation explanation, IReadOnlyList<object> owned)
    {
        Server = server;
        Explanation = explanation;
        _owned = owned;
    }

    /// <summary>The server: thread-safe, shared by every connection.</summary>
    public SaslServer Server { get; }

    /// <summary>How it came to be what it is.</summary>
    public SaslExplanation Explanation { get; }

    /// <summary>How much is written to the log (<c>log_level</c>).</summary>
    public SaslLogLevel LogLevel { get; internal init; }

    /// <summary>The credential stores in use, by the names configuration files have for them, in the order asked.</summary>
    public ImmutableArray<CredentialStoreLink> Stores { get; internal init; } = [];

    /// <summary>The password verifiers in use, by the names <c>pwcheck_method</c> has for them, in the order asked.</summary>
    public ImmutableArray<PasswordVerifierLink> PasswordVerifiers { get; internal init; } = [];

    /// <summary>What makes each mechanism's secrets of a new password, as the configuration wants them (<c>scram_iteration_counter</c>).</summary>
    public ImmutableArray<SaslSecretDeriver> SecretDerivers { get; internal init; } = [];

    /// <summary>Closes stores and verifiers. Sessions that are under way get temporary failures.</summary>
    public void Dispose()
    {
        foreach (object made in _owned.Reverse())
            (made as IDisposable)?.Dispose();
    }
}
