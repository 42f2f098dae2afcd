using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A hash that the platform has.</summary>
internal sealed class PlatformScramHash(string name, HashAlgorithmName algorithm, int size, int blockSize, int defaultIterations)
    : ScramHash(name, size, defaultIterations)
{
    private readonly HashContexts _contexts = new(algorithm, size, blockSize);

    internal override void Hash(ReadOnlySpan<byte> input, Span<byte> destination) => _contexts.Hash(input, destination);

    internal override void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination) => _contexts.Hmac(key, input, destination);

    internal override void Hi(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination) =>
        _contexts.Pbkdf2(password, salt, iterations, destination);
}
