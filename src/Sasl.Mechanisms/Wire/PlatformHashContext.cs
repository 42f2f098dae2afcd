using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A context of the platform's own class, where OpenSSL cannot be called.</summary>
internal sealed class PlatformHashContext(HashAlgorithmName algorithm) : IHashContext
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);

    public void Append(ReadOnlySpan<byte> octets) => _hash.AppendData(octets);

    public void Finish(Span<byte> hash) => _hash.GetHashAndReset(hash);

    public void Dispose() => _hash.Dispose();
}
