using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>One hash function of the SCRAM family: its mechanism's name, its sizes, its functions H, HMAC and Hi (RFC 5802 section 2.2).</summary>
public abstract class ScramHash
{
    internal const int MaxSize = 64;

    private const string AuthPassword = "authPassword";
    private const string CyrusPrefix = "cmusaslsecret";

    internal ScramHash(string name, int size, int defaultIterations)
    {
        Name = name;
        Size = size;
        DefaultIterations = defaultIterations;
        NameOctets = [.. Encoding.ASCII.GetBytes(name)];
        DecoyShape = [.. "scram-shape "u8, .. NameOctets];
        Standard = new(AuthPassword, ParseVerifier);
        Own = new(CyrusPrefix + name, ParseVerifier);
        Properties = [Standard, Own, SaslProperty.UserPassword];
    }

    /// <summary>SHA-1, RFC 5802. Its weaknesses do not touch SCRAM; it is the one that every peer has.</summary>
    public static ScramHash Sha1 { get; } = new PlatformScramHash("SCRAM-SHA-1", HashAlgorithmName.SHA1, 20, 64, 4096);

    /// <summary>SHA-224, as Cyrus SASL has it.</summary>
    public static ScramHash Sha224 { get; } = new Sha224ScramHash("SCRAM-SHA-224", 4096);

    /// <summary>SHA-256, RFC 7677.</summary>
    public static ScramHash Sha256 { get; } = new PlatformScramHash("SCRAM-SHA-256", HashAlgorithmName.SHA256, 32, 64, 4096);

    /// <summary>SHA-384, as Cyrus SASL has it.</summary>
    public static ScramHash Sha384 { get; } = new PlatformScramHash("SCRAM-SHA-384", HashAlgorithmName.SHA384, 48, 128, 4096);

    /// <summary>SHA-512, draft-melnikov-scram-sha-512, which asks for 10,000 iterations.</summary>
    public static ScramHash Sha512 { get; } = new PlatformScramHash("SCRAM-SHA-512", HashAlgorithmName.SHA512, 64, 128, 10_000);

    /// <summary>SHA3-512, draft-melnikov-scram-sha3-512, which asks for 10,000 iterations. Only where the platform has SHA-3.</summary>
    public static ScramHash Sha3_512 { get; } = new PlatformScramHash("SCRAM-SHA3-512", HashAlgorithmName.SHA3_512, 64, 72, 10_000)
    {
        // Accounts have no keys for it unless a list named it when their passwords were set, and a client that picked it would be refused.
        OnlyWhenNamed = true,
        MissingOnPlatform = SHA3_512.IsSupported && HMACSHA3_512.IsSupported ? null : "the platform has no SHA-3",
    };

    /// <summary>All of them, strongest first; SHA3-512, which hardly any peer has, behind SHA-512.</summary>
    public static ImmutableArray<ScramHash> All { get; } = [Sha512, Sha3_512, Sha384, Sha256, Sha224, Sha1];

    /// <summary>The mechanism's name without <c>-PLUS</c>, which is also the scheme of stored values: <c>SCRAM-SHA-256</c>.</summary>
    public string Name { get; }

    /// <summary>The size of the hash and of every key, in octets.</summary>
    public int Size { get; }

    /// <summary>How many iterations a new password gets unless the options say otherwise.</summary>
    public int DefaultIterations { get; }

    /// <summary>Whether its mechanisms are used only where a list names them.</summary>
    internal bool OnlyWhenNamed { get; init; }

    /// <summary>Why the platform cannot compute it; null when it can. Nothing may be computed with it otherwise.</summary>
    internal string? MissingOnPlatform { get; init; }

    internal ImmutableArray<byte> NameOctets { get; }

    internal ImmutableArray<byte> DecoyShape { get; }

    /// <summary>Where LDAP (RFC 5803) and Cyrus SASL keep stored keys: one property with one value a hash.</summary>
    internal SaslProperty<ScramVerifier> Standard { get; }

    /// <summary>Where this library keeps those of hashes other than SHA-256 too, because sasldb keeps one value a property.</summary>
    internal SaslProperty<ScramVerifier> Own { get; }

    /// <summary>Where a new password's keys go.</summary>
    internal SaslProperty<ScramVerifier> Written => this == Sha256 ? Standard : Own;

    /// <summary>All that a server reads, in one round trip.</summary>
    internal ImmutableArray<SaslProperty> Properties { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>H(str).</summary>
    internal abstract void Hash(ReadOnlySpan<byte> input, Span<byte> destination);

    /// <summary>HMAC(key, str).</summary>
    internal abstract void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination);

    /// <summary>Hi(str, salt, i): PBKDF2 with one block of output.</summary>
    internal abstract void Hi(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination);

    private ScramVerifier? ParseVerifier(ReadOnlySpan<byte> stored) =>
        ScramVerifier.TryParse(this, stored, out ScramVerifier? verifier) ? verifier : null;
}
