using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>
/// OTP, RFC 2444: passwords that are used once, each the hash of the next (RFC 2289). Legacy: a listener can try pass phrases, the hashes are of the
/// 1990s, and the server does not prove itself.
/// </summary>
internal static class OtpMechanism
{
    /// <summary>The number of a new sequence's first record, as Cyrus SASL has it; the first challenge asks for one less.</summary>
    public const int FirstSequence = 499;

    private const int Numbers = 10_000;

    /// <summary>The user's sequence, in Cyrus SASL's form.</summary>
    public static readonly SaslProperty Secret = new("cmusaslsecretOTP");

    /// <summary>With the default options.</summary>
    public static readonly SaslMechanism Default = Make(OtpOptions.Default);

    public static SaslMechanism Create(OtpOptions options)
    {
        options.ThrowIfInvalid();
        return options == OtpOptions.Default ? Default : Make(options);
    }

    private static SaslMechanism Make(OtpOptions options) => new("OTP")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.ForwardSecrecy,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        OnlyWhenNamed = true,
        MissingOnPlatform = PlatformMd5.Missing,
        ServerNeeds = SaslServerNeeds.WritableCredentialStore,
        ClientNeeds = SaslClientNeeds.UserName,
        Server = context => new OtpServer(context, options),
        Client = context => new OtpClient(context, options),
        DeriveSecrets = (_, password) => Derive(options.Algorithm, password),
    };

    private static IReadOnlyList<SaslPropertyValue> Derive(OtpAlgorithm algorithm, ReadOnlySpan<byte> password)
    {
        string seed = OtpSeed.Of(SaslServerOptions.DefaultServerName, RandomNumberGenerator.GetInt32(Numbers));
        byte[] first = new byte[OtpHash.Length];
        OtpHash.Compute(algorithm, password, seed, FirstSequence, first);
        var record = new OtpRecord(new OtpParameters(algorithm, FirstSequence, seed), first, DateTimeOffset.UnixEpoch);
        return [new(Secret.Name, record.ToOctets())];
    }
}
