using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>SCRAM (RFC 5802, RFC 7677) over each hash, with and without channel binding.</summary>
public static class ScramMechanisms
{
    /// <summary>All twelve with the default options, strongest first, each -PLUS directly before its plain variant.</summary>
    public static ImmutableArray<SaslMechanism> Default { get; } = Create(ScramOptions.Default);

    /// <summary>SCRAM-SHA-512-PLUS.</summary>
    public static SaslMechanism Sha512Plus { get; } = Named("SCRAM-SHA-512-PLUS");

    /// <summary>SCRAM-SHA-512.</summary>
    public static SaslMechanism Sha512 { get; } = Named("SCRAM-SHA-512");

    /// <summary>SCRAM-SHA3-512-PLUS. Used only where a list names it, and only where the platform has SHA-3.</summary>
    public static SaslMechanism Sha3_512Plus { get; } = Named("SCRAM-SHA3-512-PLUS");

    /// <summary>SCRAM-SHA3-512. Used only where a list names it, and only where the platform has SHA-3.</summary>
    public static SaslMechanism Sha3_512 { get; } = Named("SCRAM-SHA3-512");

    /// <summary>SCRAM-SHA-384-PLUS.</summary>
    public static SaslMechanism Sha384Plus { get; } = Named("SCRAM-SHA-384-PLUS");

    /// <summary>SCRAM-SHA-384.</summary>
    public static SaslMechanism Sha384 { get; } = Named("SCRAM-SHA-384");

    /// <summary>SCRAM-SHA-256-PLUS.</summary>
    public static SaslMechanism Sha256Plus { get; } = Named("SCRAM-SHA-256-PLUS");

    /// <summary>SCRAM-SHA-256.</summary>
    public static SaslMechanism Sha256 { get; } = Named("SCRAM-SHA-256");

    /// <summary>SCRAM-SHA-224-PLUS.</summary>
    public static SaslMechanism Sha224Plus { get; } = Named("SCRAM-SHA-224-PLUS");

    /// <summary>SCRAM-SHA-224.</summary>
    public static SaslMechanism Sha224 { get; } = Named("SCRAM-SHA-224");

    /// <summary>SCRAM-SHA-1-PLUS.</summary>
    public static SaslMechanism Sha1Plus { get; } = Named("SCRAM-SHA-1-PLUS");

    /// <summary>SCRAM-SHA-1.</summary>
    public static SaslMechanism Sha1 { get; } = Named("SCRAM-SHA-1");

    /// <summary>The stored forms that SCRAM leaves in a store, for verifiers of plain-text passwords: one for each hash in each place.</summary>
    public static ImmutableArray<PasswordForm> PasswordForms { get; } =
    [
        .. Computable.Select(static hash => new ScramPasswordForm(hash, hash.Standard)),
        .. Computable.Select(static hash => new ScramPasswordForm(hash, hash.Own)),
    ];

    private static IEnumerable<ScramHash> Computable => ScramHash.All.Where(static hash => hash.MissingOnPlatform is null);

    /// <summary>Makes all twelve with options of one's own, strongest first, each -PLUS directly before its plain variant.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of bounds.</exception>
    public static ImmutableArray<SaslMechanism> Create(ScramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        return [.. ScramHash.All.SelectMany(hash => new[] { Create(hash, plus: true, options), Create(hash, plus: false, options) })];
    }

    internal static SaslMechanism Create(ScramHash hash, bool plus, ScramOptions options) => new(plus ? $"{hash.Name}-PLUS" : hash.Name)
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoActive | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.MutualAuth,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        RequiresChannelBinding = plus,
        OnlyWhenNamed = hash.OnlyWhenNamed,
        MissingOnPlatform = hash.MissingOnPlatform,
        ServerNeeds = SaslServerNeeds.CredentialStore,
        ClientNeeds = SaslClientNeeds.Password,
        Server = context => new ScramServer(context, hash, plus, options),
        Client = context => new ScramClient(context, hash, plus, options),
        DeriveSecrets = plus || hash.MissingOnPlatform is not null ? null : (_, password) => [Derive(hash, options, password)],    // both variants share one secret
    };

    private static SaslPropertyValue Derive(ScramHash hash, ScramOptions options, ReadOnlySpan<byte> password)
    {
        using var verifier = ScramVerifier.Derive(
            hash, password, RandomNumberGenerator.GetBytes(options.SaltLength), options.IterationsFor(hash));
        return new(hash.Written.Name, verifier.Format());
    }

    private static SaslMechanism Named(string name) => Default.First(mechanism => mechanism.Name == name);
}
