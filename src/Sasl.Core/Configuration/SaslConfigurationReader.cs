namespace Sasl;

/// <summary>Who has to be present for a key to have an effect.</summary>
public enum SaslConfigurationReader
{
    /// <summary>Nobody reads it: it means nothing here.</summary>
    Nobody,

    /// <summary>Whoever builds a server or client reads it always.</summary>
    Builder,

    /// <summary>A credential store, registered under a name.</summary>
    Store,

    /// <summary>A password verifier, registered under a name.</summary>
    Verifier,

    /// <summary>A canonicalizer, registered under a name.</summary>
    Canonicalizer,

    /// <summary>The validator of access tokens; a name says which kind of it.</summary>
    TokenValidator,

    /// <summary>A mechanism, known by its name.</summary>
    Mechanism,
}
