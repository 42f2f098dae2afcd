using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>Where nonces, salts and other unpredictable octets come from.</summary>
/// <remarks>Tests and benchmarks derive from it to make conversations repeatable; everybody else uses <see cref="Random"/>.</remarks>
public abstract class SaslNonceSource
{
    private const int NonceOctets = 24;

    /// <summary>The system's cryptographic random generator.</summary>
    public static SaslNonceSource Random { get; } = new RandomNonceSource();

    /// <summary>Fills a buffer with unpredictable octets.</summary>
    /// <param name="destination">The buffer; filled whole.</param>
    public abstract void Fill(Span<byte> destination);

    /// <summary>Appends a nonce of printable ASCII without a comma: 32 characters for 192 random bits, as Cyrus SASL sends.</summary>
    /// <param name="output">Where the nonce goes.</param>
    public virtual void WriteNonce(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> octets = stackalloc byte[NonceOctets];
        Fill(octets);
        int length = Base64.GetMaxEncodedToUtf8Length(NonceOctets);
        Base64.EncodeToUtf8(octets, output.GetSpan(length), out _, out int written);
        output.Advance(written);
    }

    // A call to the system's generator costs as much as a hash or two, whether it gives 8 octets or 2,000 (docs/decisions/0032).
    // What was given is erased, so that the memory holds nothing but what nobody has been told yet.
    private sealed class RandomNonceSource : SaslNonceSource
    {
        private const int PoolOctets = 2048;
        private const int LongestPooled = 64;

        private readonly Lock _gate = new();
        private readonly byte[] _pool = GC.AllocateUninitializedArray<byte>(PoolOctets, pinned: true);
        private int _left;

        public override void Fill(Span<byte> destination)
        {
            if (destination.Length > LongestPooled)
            {
                RandomNumberGenerator.Fill(destination);
                return;
            }
            lock (_gate)
            {
                if (_left < destination.Length)
                {
                    RandomNumberGenerator.Fill(_pool);
                    _left = PoolOctets;
                }
                _left -= destination.Length;
                Span<byte> taken = _pool.AsSpan(_left, destination.Length);
                taken.CopyTo(destination);
                CryptographicOperations.ZeroMemory(taken);
            }
        }
    }
}
