namespace Sasl.Cli;

/// <summary>Remembers which canonicalizer a configuration chose, for names that no client has sent.</summary>
internal sealed class CanonicalizerInUse
{
    private IUserCanonicalizer? _made;

    /// <summary>Watches a builder; each server it builds sets <see cref="Value"/>.</summary>
    public CanonicalizerInUse(SaslServerBuilder builder)
    {
        foreach ((string name, Func<SaslBackendContext, IUserCanonicalizer> make) in builder.Canonicalizers.ToArray())
            builder.Canonicalizers[name] = context => _made = make(context);
    }

    /// <summary>The one of the server that was built last.</summary>
    public IUserCanonicalizer Value => _made ?? throw new InvalidOperationException("No server has been built.");
}
