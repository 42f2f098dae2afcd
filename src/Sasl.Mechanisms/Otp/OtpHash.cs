using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Sasl.Mechanisms;

/// <summary>The hash of one-time passwords: eight octets in, eight octets out (RFC 2289 section 6 and appendix A).</summary>
internal static class OtpHash
{
    /// <summary>The length of a one-time password, in octets.</summary>
    public const int Length = 8;

    /// <summary>The longest seed (RFC 2289 section 6.0).</summary>
    public const int MaxSeed = 16;

    private const int LongestDigest = 20;

    /// <summary>What a challenge calls the hash.</summary>
    public static string NameOf(OtpAlgorithm algorithm) => algorithm switch
    {
        OtpAlgorithm.Md5 => "md5",
        OtpAlgorithm.Md4 => "md4",
        OtpAlgorithm.Sha1 => "sha1",
    };

    /// <summary>The hash of a name, in lower case; null when there is no such one.</summary>
    public static OtpAlgorithm? Named(string name) => name switch
    {
        "md5" => OtpAlgorithm.Md5,
        "md4" => OtpAlgorithm.Md4,
        "sha1" => OtpAlgorithm.Sha1,
        _ => null,
    };

    /// <summary>Whether a text can be a seed, in any case: one to sixteen letters and digits.</summary>
    public static bool IsSeed(string seed) => seed.Length is > 0 and <= MaxSeed && seed.All(char.IsAsciiLetterOrDigit);

    /// <summary>The one-time password of a number: the pass phrase hashed with the seed, and that hashed so many times more.</summary>
    /// <param name="algorithm">The hash.</param>
    /// <param name="passPhrase">The pass phrase.</param>
    /// <param name="seed">The seed, in any case.</param>
    /// <param name="count">How many times more; from 0 to <see cref="OtpOptions.MaxSequence"/>.</param>
    /// <param name="password">Receives <see cref="Length"/> octets.</param>
    public static void Compute(OtpAlgorithm algorithm, ReadOnlySpan<byte> passPhrase, string seed, int count, Span<byte> password)
    {
        IDigest digest = Create(algorithm);
        digest.BlockUpdate(Encoding.ASCII.GetBytes(seed.ToLowerInvariant()));
        digest.BlockUpdate(passPhrase);
        Finish(digest, algorithm, password);
        for (int i = 0; i < count; i++)
        {
            digest.BlockUpdate(password);
            Finish(digest, algorithm, password);
        }
    }

    /// <summary>The one-time password before this one in time: what a server keeps, and compares the hash of an answer with.</summary>
    public static void Next(OtpAlgorithm algorithm, ReadOnlySpan<byte> password, Span<byte> next)
    {
        IDigest digest = Create(algorithm);
        digest.BlockUpdate(password);
        Finish(digest, algorithm, next);
    }

    /// <summary>The hash of any octets, folded: what stands for a word that is in no dictionary (RFC 2289 appendix B).</summary>
    public static void Fold(OtpAlgorithm algorithm, ReadOnlySpan<byte> octets, Span<byte> folded)
    {
        IDigest digest = Create(algorithm);
        digest.BlockUpdate(octets);
        Finish(digest, algorithm, folded);
    }

    private static IDigest Create(OtpAlgorithm algorithm) => algorithm switch
    {
        OtpAlgorithm.Md5 => new MD5Digest(),
        OtpAlgorithm.Md4 => new MD4Digest(),
        OtpAlgorithm.Sha1 => new Sha1Digest(),
    };

    // To 64 bits by exclusive or. SHA-1 counts in words of the other byte order, and the result is written as MD5 would.
    private static void Finish(IDigest digest, OtpAlgorithm algorithm, Span<byte> folded)
    {
        Span<byte> hash = stackalloc byte[LongestDigest];
        digest.DoFinal(hash[..digest.GetDigestSize()]);
        for (int i = 0; i < Length; i++)
            folded[i] = (byte)(hash[i] ^ hash[i + Length]);
        if (algorithm is OtpAlgorithm.Sha1)
        {
            for (int i = 0; i < sizeof(uint); i++)
                folded[i] ^= hash[2 * Length + i];
            BinaryPrimitives.WriteUInt32LittleEndian(folded, BinaryPrimitives.ReadUInt32BigEndian(folded));
            BinaryPrimitives.WriteUInt32LittleEndian(folded[sizeof(uint)..], BinaryPrimitives.ReadUInt32BigEndian(folded[sizeof(uint)..]));
        }
        CryptographicOperations.ZeroMemory(hash);
    }
}
