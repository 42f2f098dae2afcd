using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A hash that the platform has. One-shot functions: nothing is allocated, no state stays behind.</summary>
internal sealed class PlatformScramHash(string name, HashAlgorithmName algorithm, int size, int defaultIterations)
    : ScramHash(name, size, defaultIterations)
{
    internal override void Hash(ReadOnlySpan<byte> input, Span<byte> destination) =>
        CryptographicOperations.HashData(algorithm, input, destination);

    internal override void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination) =>
        CryptographicOperations.HmacData(algorithm, key, input, destination);

    internal override void Hi(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, destination[..Size], iterations, algorithm);
}
