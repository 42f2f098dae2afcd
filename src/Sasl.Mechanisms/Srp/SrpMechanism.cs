using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>SRP, draft-burdis-cat-srp-sasl-08 as Cyrus SASL speaks it. Legacy: a draft that expired, with the first form of SRP-6, SHA-1, and no channel binding.</summary>
internal static class SrpMechanism
{
    /// <summary>What Cyrus SASL keeps instead of a password.</summary>
    public static readonly SaslProperty Secret = new("cmusaslsecretSRP");

    private const int SaltLength = 16;

    /// <summary>With the default options.</summary>
    public static readonly SaslMechanism Default = Make(SrpOptions.Default);

    public static SaslMechanism Create(SrpOptions options)
    {
        options.ThrowIfInvalid();
        return options == SrpOptions.Default ? Default : Make(options);
    }

    private static SaslMechanism Make(SrpOptions options) => new("SRP")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoActive | SaslSecurityFlags.NoDictionary
            | SaslSecurityFlags.ForwardSecrecy | SaslSecurityFlags.MutualAuth,
        MaxSsf = SrpCipher.All.Max(cipher => options.Ciphers.HasFlag(cipher.Flag) ? cipher.Ssf : 1),
        AllowsProxy = true,
        OnlyWhenNamed = true,
        ServerNeeds = SaslServerNeeds.CredentialStore,
        ClientNeeds = SaslClientNeeds.Password,
        Server = context => new SrpServer(context, options),
        Client = context => new SrpClient(context, options),
        DeriveSecrets = (user, password) => Derive(user, password, options),
    };

    // The name is part of the secret, and no realm of it: whoever logs in without the realm needs a stored password as well.
    private static IReadOnlyList<SaslPropertyValue> Derive(SaslUser user, ReadOnlySpan<byte> password, SrpOptions options)
    {
        byte[] copy = password.ToArray();
        byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
        var computation = new SrpComputation(options.Group, SrpDigest.Of(options.Hash));
        var exponent = computation.SecretExponent(Encoding.UTF8.GetBytes(user.ToString()), copy, salt);
        CryptographicOperations.ZeroMemory(copy);
        return [new(Secret.Name, new SrpStoredForm(computation.Digest, options.Group.Raise(exponent), salt).Format())];
    }
}
