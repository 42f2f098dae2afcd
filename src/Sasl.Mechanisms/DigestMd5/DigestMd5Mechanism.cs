using System.Text;

namespace Sasl.Mechanisms;

/// <summary>DIGEST-MD5, RFC 2831. Legacy: RFC 6331 says why it was given up (MD5, no channel binding, an offer of layers that a listener can change).</summary>
internal static class DigestMd5Mechanism
{
    /// <summary>MD5(user ":" realm ":" password), where Cyrus SASL keeps it. Whoever has it can log in with DIGEST-MD5.</summary>
    public static readonly SaslProperty Secret = new("cmusaslsecretDIGEST-MD5");

    /// <summary>With the default options.</summary>
    public static readonly SaslMechanism Default = Make(DigestMd5Options.Default);

    public static SaslMechanism Create(DigestMd5Options options)
    {
        options.ThrowIfInvalid();
        return options == DigestMd5Options.Default ? Default : Make(options);
    }

    private static SaslMechanism Make(DigestMd5Options options) => new("DIGEST-MD5")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.MutualAuth,
        MaxSsf = DigestCipher.All.Max(cipher => options.Ciphers.HasFlag(cipher.Flag) ? cipher.Ssf : 1),
        FirstMove = SaslFirstMove.Either,
        AllowsProxy = true,
        OnlyWhenNamed = true,
        MissingOnPlatform = PlatformMd5.Missing,
        ServerNeeds = SaslServerNeeds.CredentialStore,
        ClientNeeds = SaslClientNeeds.Password | SaslClientNeeds.ServerName,
        Server = context => new DigestServer(context, options),
        Client = context => new DigestClient(context, options),
        DeriveSecrets = Derive,
    };

    // Without a realm nobody knows which one the server will announce; a secret that is left of an older password must go in any case.
    private static IReadOnlyList<SaslPropertyValue> Derive(SaslUser user, ReadOnlySpan<byte> password)
    {
        if (user.Realm.Length == 0)
            return [SaslPropertyValue.Removed(Secret.Name)];
        byte[] secret = new byte[DigestComputation.HashLength];
        DigestComputation.HashFoldedSecret(Encoding.UTF8.GetBytes(user.Name), Encoding.UTF8.GetBytes(user.Realm), password, secret);
        return [new(Secret.Name, secret)];
    }
}
