using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

#pragma warning disable CA5351 // NTLM is MD4, DES and MD5 and nothing else; the mechanism is offered only where a list names it.

namespace Sasl.Mechanisms;

/// <summary>What is made of a password: hashes and responses, MS-NLMP section 3.3.</summary>
internal static class NtlmComputation
{
    /// <summary>The length of a hash of a password, and of the proof at the beginning of a response of the second version.</summary>
    public const int HashLength = 16;

    /// <summary>The length of a server's challenge, and of a client's.</summary>
    public const int ChallengeLength = 8;

    /// <summary>The length of a response of the first version, and of LMv2's.</summary>
    public const int ResponseLength = 24;

    private const int DesKeyLength = 7;
    private const int Block = 8;
    private const int LmPasswordLength = 14;

    /// <summary>NTOWFv1: the MD4 of the password as UTF-16.</summary>
    public static void HashPassword(ReadOnlySpan<byte> password, Span<byte> hash)
    {
        byte[] wide = NtlmText.Widen(password);
        var md4 = new MD4Digest();
        md4.BlockUpdate(wide);
        md4.DoFinal(hash);
        CryptographicOperations.ZeroMemory(wide);
    }

    /// <summary>LMOWFv1: what does not depend on the case, nor on what is behind 14 octets.</summary>
    public static void HashPasswordForLm(ReadOnlySpan<byte> password, Span<byte> hash)
    {
        Span<byte> key = stackalloc byte[LmPasswordLength];
        key.Clear();
        password[..Math.Min(password.Length, LmPasswordLength)].CopyTo(key);
        Ascii.ToUpperInPlace(key, out _);
        Encrypt(key[..DesKeyLength], "KGS!@#$%"u8, hash);
        Encrypt(key[DesKeyLength..], "KGS!@#$%"u8, hash[Block..]);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>The response of the first version, NT or LM according to the hash: the challenge encrypted under three parts of it.</summary>
    public static void Respond(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> challenge, Span<byte> response)
    {
        Span<byte> key = stackalloc byte[3 * DesKeyLength];
        key.Clear();
        hash.CopyTo(key);
        for (int part = 0; part < 3; part++)
            Encrypt(key.Slice(part * DesKeyLength, DesKeyLength), challenge, response[(part * Block)..]);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>NTOWFv2: keyed with the hash of the first version, over the name in upper case and the domain as it is.</summary>
    public static void HashPasswordForV2(ReadOnlySpan<byte> hash, string user, string domain, Span<byte> hashForV2) =>
        HMACMD5.HashData(hash, Encoding.Unicode.GetBytes(user.ToUpperInvariant() + domain), hashForV2);

    /// <summary>The proof of a response of the second version: over the server's challenge and what follows the proof in the response.</summary>
    public static void Prove(ReadOnlySpan<byte> hashForV2, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> rest, Span<byte> proof)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, hashForV2);
        hmac.AppendData(challenge);
        hmac.AppendData(rest);
        hmac.GetHashAndReset(proof);
    }

    private static void Encrypt(ReadOnlySpan<byte> sevenOctets, ReadOnlySpan<byte> block, Span<byte> output)
    {
        byte[] key = new byte[Block];
        DesKey.Spread(sevenOctets, key);
        var engine = new DesEngine();
        engine.Init(forEncryption: true, new KeyParameter(key));
        engine.ProcessBlock(block, output);
        CryptographicOperations.ZeroMemory(key);
    }
}
