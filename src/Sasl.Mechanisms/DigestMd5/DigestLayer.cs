using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

#pragma warning disable CA5351 // RFC 2831 is MD5 and nothing else.

namespace Sasl.Mechanisms;

/// <summary>The layers of RFC 2831 sections 2.3 and 2.4: message, padding, MAC and perhaps encryption, then version and sequence number.</summary>
internal sealed class DigestLayer : SaslSecurityLayer
{
    private const int MacLength = 10;
    private const int VersionLength = 2;
    private const int SequenceLength = 4;
    private const int TrailerLength = VersionLength + SequenceLength;
    private const ushort Version = 1;
    private const int Block = 8;

    // Cyrus SASL's server counts the length before a buffer as part of it; whoever sends no more than this suits both readings.
    private const int LengthOctets = 4;

    private readonly IncrementalHash _sendMac;
    private readonly IncrementalHash _receiveMac;
    private readonly DigestStreamCipher? _encrypt;
    private readonly DigestStreamCipher? _decrypt;
    private readonly bool _hasBlocks;
    private ulong _sent;
    private ulong _received;

    /// <summary>Makes one side's layer.</summary>
    /// <param name="sessionKey">H(A1).</param>
    /// <param name="cipher">The cipher; null signs only.</param>
    /// <param name="isServer">Whose side it is.</param>
    /// <param name="peerBuffer">The largest sealed buffer the peer accepts, in octets.</param>
    /// <param name="ownBuffer">The largest sealed buffer this side has announced, in octets.</param>
    public DigestLayer(ReadOnlySpan<byte> sessionKey, DigestCipher? cipher, bool isServer, int peerBuffer, int ownBuffer)
    {
        Ssf = cipher?.Ssf ?? 1;
        _hasBlocks = cipher is { HasBlocks: true };
        MaxPlaintext = RoomIn(peerBuffer, cipher);
        MaxSealed = ownBuffer;
        Span<byte> key = stackalloc byte[DigestComputation.HashLength];
        ReadOnlySpan<byte> clientSigning = "Digest session key to client-to-server signing key magic constant"u8;
        ReadOnlySpan<byte> serverSigning = "Digest session key to server-to-client signing key magic constant"u8;
        DigestComputation.DeriveKey(sessionKey, isServer ? serverSigning : clientSigning, key);
        _sendMac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, key);
        DigestComputation.DeriveKey(sessionKey, isServer ? clientSigning : serverSigning, key);
        _receiveMac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, key);
        if (cipher is not null)
        {
            ReadOnlySpan<byte> keyed = sessionKey[..cipher.KeyedOctets];
            ReadOnlySpan<byte> clientSealing = "Digest H(A1) to client-to-server sealing key magic constant"u8;
            ReadOnlySpan<byte> serverSealing = "Digest H(A1) to server-to-client sealing key magic constant"u8;
            DigestComputation.DeriveKey(keyed, isServer ? serverSealing : clientSealing, key);
            _encrypt = DigestStreamCipher.Make(cipher, key, encrypt: true);
            DigestComputation.DeriveKey(keyed, isServer ? clientSealing : serverSealing, key);
            _decrypt = DigestStreamCipher.Make(cipher, key, encrypt: false);
        }
        CryptographicOperations.ZeroMemory(key);
    }

    /// <inheritdoc/>
    public override int Ssf { get; }

    /// <inheritdoc/>
    public override int MaxPlaintext { get; }

    /// <inheritdoc/>
    public override int MaxSealed { get; }

    /// <summary>How much plaintext fits into a sealed buffer; less than one octet when the peer's buffer is too small to be used.</summary>
    public static int RoomIn(int peerBuffer, DigestCipher? cipher) =>
        peerBuffer - LengthOctets - MacLength - TrailerLength - (cipher is { HasBlocks: true } ? Block : 0);

    /// <inheritdoc/>
    /// <exception cref="IOException">The sequence numbers of this direction are used up, after 2^32 buffers.</exception>
    public override void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output)
    {
        if (_sent > uint.MaxValue)
            throw new IOException("The sequence numbers of the security layer are used up; the connection has to be opened anew.");
        int padding = _hasBlocks ? Block - ((plaintext.Length + MacLength) % Block) : 0;
        int body = plaintext.Length + padding + MacLength;
        Span<byte> buffer = output.GetSpan(body + TrailerLength)[..(body + TrailerLength)];
        plaintext.CopyTo(buffer);
        buffer.Slice(plaintext.Length, padding).Fill((byte)padding);
        ComputeMac(_sendMac, (uint)_sent, plaintext, buffer.Slice(body - MacLength, MacLength));
        _encrypt?.Apply(buffer[..body]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[body..], Version);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[(body + VersionLength)..], (uint)_sent);
        output.Advance(buffer.Length);
        _sent++;
    }

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output)
    {
        int body = sealedBuffer.Length - TrailerLength;
        if (body < MacLength
            || _received > uint.MaxValue
            || (_hasBlocks && (body % Block != 0 || body <= MacLength))
            || BinaryPrimitives.ReadUInt16BigEndian(sealedBuffer[body..]) != Version
            || BinaryPrimitives.ReadUInt32BigEndian(sealedBuffer[(body + VersionLength)..]) != _received)
        {
            return false;
        }
        Span<byte> opened = output.GetSpan(body)[..body];
        sealedBuffer[..body].CopyTo(opened);
        _decrypt?.Apply(opened);
        int length = body - MacLength - PaddingOf(opened[..(body - MacLength)], out bool good);
        Span<byte> mac = stackalloc byte[MacLength];
        ComputeMac(_receiveMac, (uint)_received, opened[..length], mac);
        good &= CryptographicOperations.FixedTimeEquals(mac, opened[(body - MacLength)..]);
        _received++;
        if (good)
            output.Advance(length);
        else
            CryptographicOperations.ZeroMemory(opened);
        return good;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _sendMac.Dispose();
        _receiveMac.Dispose();
        _encrypt?.Erase();
        _decrypt?.Erase();
        base.Dispose(disposing);
    }

    // Wrong padding and a wrong MAC are told apart by nobody: the MAC is computed in either case.
    private int PaddingOf(ReadOnlySpan<byte> padded, out bool good)
    {
        good = true;
        if (!_hasBlocks)
            return 0;
        int padding = padded[^1];
        good = padding is >= 1 and <= Block && padding <= padded.Length && !padded[^padding..].ContainsAnyExcept((byte)padding);
        return good ? padding : 0;
    }

    private static void ComputeMac(IncrementalHash hmac, uint sequence, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        Span<byte> number = stackalloc byte[SequenceLength];
        BinaryPrimitives.WriteUInt32BigEndian(number, sequence);
        hmac.AppendData(number);
        hmac.AppendData(message);
        Span<byte> whole = stackalloc byte[DigestComputation.HashLength];
        hmac.GetHashAndReset(whole);
        whole[..MacLength].CopyTo(mac);
    }
}
