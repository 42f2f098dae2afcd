using System.Security.Cryptography;

#pragma warning disable CA5350, CA5351 // What the protocols prescribe is measured.

namespace Sasl.Benchmarks;

/// <summary>The platform's own primitives: what an exchange cannot avoid, as the platform is asked most simply.</summary>
internal static class FloorContests
{
    private const int ShortMessage = 40;
    private const int AuthMessage = 150;

    /// <summary>One derivation of SCRAM's salted password.</summary>
    public static Contestant Pbkdf2(string mechanism)
    {
        HashAlgorithmName hash = Account.HashOf(mechanism);
        byte[] salted = new byte[CryptographicOperations.HashData(hash, []).Length];
        return Contestant.Of(Peer.Platform, () => Rfc2898DeriveBytes.Pbkdf2(Account.PasswordOctets, Account.Salt, salted, Account.Iterations, hash));
    }

    /// <summary>Shown for reference: nothing is compared.</summary>
    public static IEnumerable<(string Title, Action Act)> All
    {
        get
        {
            byte[] key = new byte[16], longKey = new byte[32], message = new byte[ShortMessage], conversation = new byte[AuthMessage];
            byte[] code = new byte[64], nonce = new byte[24], same = new byte[32];
            yield return ("HMAC-MD5, 40 octets", () => HMACMD5.HashData(key, message, code));
            yield return ("HMAC-SHA-256, 150 octets", () => HMACSHA256.HashData(longKey, conversation, code));
            yield return ("HMAC-SHA-512, 150 octets", () => HMACSHA512.HashData(longKey, conversation, code));
            yield return ("SHA-256, 32 octets", () => SHA256.HashData(longKey, code));
            yield return ("MD5, 40 octets", () => MD5.HashData(message, code));
            yield return ("RandomNumberGenerator.Fill, 24 octets", () => RandomNumberGenerator.Fill(nonce));
            yield return ("FixedTimeEquals, 32 octets", () => CryptographicOperations.FixedTimeEquals(longKey, same));
        }
    }
}
