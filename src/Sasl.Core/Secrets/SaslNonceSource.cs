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

    private sealed class RandomNonceSource : SaslNonceSource
    {
        public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
