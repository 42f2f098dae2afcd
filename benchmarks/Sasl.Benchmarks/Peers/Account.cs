using System.Security.Cryptography;
using System.Text;

namespace Sasl.Benchmarks;

/// <summary>The one account of all contests, and what each library keeps of it.</summary>
internal static class Account
{
    public const string User = "alice";
    public const string Password = "correct horse 42";
    public const string Service = "smtp";
    public const string Host = "localhost";
    public const string Realm = "example.com";
    public const int Iterations = 4096;

    private static readonly byte[] s_salt = [.. Enumerable.Range(1, 16).Select(static i => (byte)(i * 7))];

    public static byte[] PasswordOctets { get; } = Encoding.ASCII.GetBytes(Password);

    public static ReadOnlySpan<byte> Salt => s_salt;

    /// <summary>Both keys of SCRAM (RFC 5802 section 3), from the platform's own functions.</summary>
    public static (byte[] Stored, byte[] Server) ScramKeys(HashAlgorithmName hash, int iterations)
    {
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(PasswordOctets, s_salt, iterations, hash, CryptographicOperations.HashData(hash, []).Length);
        byte[] clientKey = CryptographicOperations.HmacData(hash, salted, "Client Key"u8);
        return (CryptographicOperations.HashData(hash, clientKey), CryptographicOperations.HmacData(hash, salted, "Server Key"u8));
    }

    /// <summary>The <c>authPassword</c> of RFC 5803.</summary>
    /// <param name="mechanism">SCRAM-SHA-256 and so on.</param>
    /// <param name="iterations">How many.</param>
    public static string AuthPassword(string mechanism, int iterations)
    {
        (byte[] stored, byte[] server) = ScramKeys(HashOf(mechanism), iterations);
        return $"{mechanism}${iterations}:{Convert.ToBase64String(s_salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }

    public static HashAlgorithmName HashOf(string mechanism) => mechanism switch
    {
        "SCRAM-SHA-1" => HashAlgorithmName.SHA1,
        "SCRAM-SHA-256" => HashAlgorithmName.SHA256,
        "SCRAM-SHA-384" => HashAlgorithmName.SHA384,
        "SCRAM-SHA-512" => HashAlgorithmName.SHA512,
        _ => throw new ArgumentException("The platform has no such hash.", nameof(mechanism)),
    };
}
