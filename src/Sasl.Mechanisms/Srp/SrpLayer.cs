using System.Buffers;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The layers of draft-burdis-cat-srp-sasl-08 section 5: the message, perhaps encrypted, and the signature over that and its number.</summary>
/// <remarks>The draft signs both directions with one key and numbers both from 0, so that a side cannot tell its own messages, sent back to it, from the peer's.
/// When they are encrypted they open as noise; when they are only signed they open as what they were.</remarks>
internal sealed class SrpLayer : SaslSecurityLayer
{
    // Cyrus SASL counts the length before a buffer as part of it.
    private const int LengthOctets = 4;

    private readonly SrpMac _sendMac;
    private readonly SrpMac _receiveMac;
    private readonly SrpOutputFeedback? _encrypt;
    private readonly SrpOutputFeedback? _decrypt;
    private ulong _sent;
    private ulong _received;

    /// <summary>Makes one side's layer.</summary>
    /// <param name="choice">What the client has chosen.</param>
    /// <param name="how">How it signs.</param>
    /// <param name="sessionKey">K.</param>
    /// <param name="sendVector">The vector that this side encrypts with: the one that the other side made.</param>
    /// <param name="receiveVector">The vector that this side made.</param>
    /// <param name="peerBuffer">The largest sealed buffer the peer accepts, in octets.</param>
    /// <param name="ownBuffer">The largest sealed buffer this side has announced, in octets.</param>
    public SrpLayer(
        SrpLayers choice, SrpMacs how, ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> sendVector, ReadOnlySpan<byte> receiveVector,
        int peerBuffer, int ownBuffer)
    {
        SrpDigest digest = choice.Macs[0];
        SrpCipher? cipher = choice.Ciphers.FirstOrDefault();
        Ssf = cipher?.Ssf ?? 1;
        MaxSealed = ownBuffer;
        MaxPlaintext = RoomIn(peerBuffer, choice);
        _sendMac = SrpMac.Make(how, digest, sessionKey);
        _receiveMac = SrpMac.Make(how, digest, sessionKey);
        if (cipher is not null)
        {
            _encrypt = new SrpOutputFeedback(cipher, sessionKey, sendVector);
            _decrypt = new SrpOutputFeedback(cipher, sessionKey, receiveVector);
        }
    }

    /// <inheritdoc/>
    public override int Ssf { get; }

    /// <inheritdoc/>
    public override int MaxPlaintext { get; }

    /// <inheritdoc/>
    public override int MaxSealed { get; }

    /// <summary>How much plaintext fits into a sealed buffer; less than one octet when the peer's buffer is too small to be used.</summary>
    public static int RoomIn(int peerBuffer, SrpLayers choice) => peerBuffer - LengthOctets - choice.Macs[0].Size;

    /// <inheritdoc/>
    /// <exception cref="IOException">The numbers of this direction are used up, after 2^32 buffers.</exception>
    public override void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output)
    {
        if (_sent > uint.MaxValue)
            throw new IOException("The sequence numbers of the security layer are used up; the connection has to be opened anew.");
        int length = plaintext.Length + _sendMac.Size;
        Span<byte> buffer = output.GetSpan(length)[..length];
        plaintext.CopyTo(buffer);
        _encrypt?.Apply(buffer[..plaintext.Length]);
        _sendMac.Sign(buffer[..plaintext.Length], (uint)_sent, buffer[plaintext.Length..]);
        output.Advance(length);
        _sent++;
    }

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output)
    {
        int length = sealedBuffer.Length - _receiveMac.Size;
        if (length < 0 || _received > uint.MaxValue)
            return false;
        Span<byte> expected = stackalloc byte[_receiveMac.Size];
        _receiveMac.Sign(sealedBuffer[..length], (uint)_received, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, sealedBuffer[length..]))
            return false;
        Span<byte> opened = output.GetSpan(length)[..length];
        sealedBuffer[..length].CopyTo(opened);
        _decrypt?.Apply(opened);
        output.Advance(length);
        _received++;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _sendMac.Erase();
        _receiveMac.Erase();
        _encrypt?.Erase();
        _decrypt?.Erase();
        base.Dispose(disposing);
    }
}
