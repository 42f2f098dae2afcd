using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

#pragma warning disable CA5350 // PASSDSS-3DES-1 signs with SHA-1.

namespace Sasl.Mechanisms;

/// <summary>The layers of PASSDSS-3DES-1: message and HMAC-SHA-1 under the packet's number and the key; encrypted with zeros and their count behind it.</summary>
internal sealed class PassdssLayer : SaslSecurityLayer
{
    private const int MacLength = SHA1.HashSizeInBytes;
    private const int NumberLength = 4;

    // Cyrus SASL counts the length before a buffer as part of it.
    private const int LengthOctets = 4;

    private readonly byte[] _sendKey;
    private readonly byte[] _receiveKey;
    private readonly PassdssCipher? _encrypt;
    private readonly PassdssCipher? _decrypt;
    private ulong _sent;
    private ulong _received;

    /// <summary>Makes one side's layer.</summary>
    /// <param name="sendKey">Signs what this side sends, 20 octets.</param>
    /// <param name="receiveKey">Signs what it receives.</param>
    /// <param name="encrypt">Encrypts what it sends; null signs only.</param>
    /// <param name="decrypt">Decrypts what it receives; null where nothing is encrypted.</param>
    /// <param name="peerBuffer">The largest sealed buffer that may go to the peer, in octets.</param>
    /// <param name="ownBuffer">The largest sealed buffer this side has announced, in octets.</param>
    public PassdssLayer(byte[] sendKey, byte[] receiveKey, PassdssCipher? encrypt, PassdssCipher? decrypt, int peerBuffer, int ownBuffer)
    {
        _sendKey = [.. new byte[NumberLength], .. sendKey];
        _receiveKey = [.. new byte[NumberLength], .. receiveKey];
        (_encrypt, _decrypt) = (encrypt, decrypt);
        MaxSealed = ownBuffer;
        MaxPlaintext = RoomIn(peerBuffer, encrypt is not null);
    }

    /// <inheritdoc/>
    public override int Ssf => _encrypt is null ? 1 : PassdssProtection.PrivacySsf;

    /// <inheritdoc/>
    public override int MaxPlaintext { get; }

    /// <inheritdoc/>
    public override int MaxSealed { get; }

    /// <summary>How much plaintext fits into a sealed buffer; less than one octet when it is too small to be used.</summary>
    public static int RoomIn(int buffer, bool isEncrypted) => buffer - LengthOctets - MacLength - (isEncrypted ? PassdssCipher.Block : 0);

    /// <inheritdoc/>
    /// <exception cref="IOException">The packet numbers of this direction are used up, after 2^32 buffers.</exception>
    public override void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output)
    {
        if (_sent > uint.MaxValue)
            throw new IOException("The packet numbers of the security layer are used up; the connection has to be opened anew.");
        int signed = plaintext.Length + MacLength;
        int padding = _encrypt is null ? 0 : PassdssCipher.Block - (signed % PassdssCipher.Block);
        Span<byte> buffer = output.GetSpan(signed + padding)[..(signed + padding)];
        plaintext.CopyTo(buffer);
        Sign(_sendKey, (uint)_sent, plaintext, buffer[plaintext.Length..signed]);
        if (_encrypt is not null)
        {
            buffer[signed..].Clear();
            buffer[^1] = (byte)(padding - 1);
            _encrypt.Apply(buffer);
        }
        output.Advance(buffer.Length);
        _sent++;
    }

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output)
    {
        int length = sealedBuffer.Length;
        if (length < MacLength || _received > uint.MaxValue || (_decrypt is not null && (length % PassdssCipher.Block != 0 || length <= MacLength)))
            return false;
        Span<byte> opened = output.GetSpan(length)[..length];
        sealedBuffer.CopyTo(opened);
        _decrypt?.Apply(opened);
        // Wrong padding and a wrong MAC are told apart by nobody: the MAC is computed in either case.
        int message = length - MacLength - PaddingOf(opened, out bool good);
        Span<byte> mac = stackalloc byte[MacLength];
        Sign(_receiveKey, (uint)_received, opened[..message], mac);
        good &= CryptographicOperations.FixedTimeEquals(mac, opened.Slice(message, MacLength));
        _received++;
        if (good)
            output.Advance(message);
        else
            CryptographicOperations.ZeroMemory(opened);
        return good;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_sendKey);
        CryptographicOperations.ZeroMemory(_receiveKey);
        _encrypt?.Erase();
        _decrypt?.Erase();
        base.Dispose(disposing);
    }

    private int PaddingOf(ReadOnlySpan<byte> opened, out bool good)
    {
        good = true;
        if (_decrypt is null)
            return 0;
        int padding = opened[^1] + 1;
        good = padding <= PassdssCipher.Block && padding <= opened.Length - MacLength && !opened[^padding..^1].ContainsAnyExcept((byte)0);
        return good ? padding : 1;
    }

    private static void Sign(byte[] key, uint number, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        BinaryPrimitives.WriteUInt32BigEndian(key, number);
        HMACSHA1.HashData(key, message, mac);
    }
}
