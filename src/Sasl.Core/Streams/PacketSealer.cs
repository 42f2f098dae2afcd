using System.Buffers.Binary;

namespace Sasl;

/// <summary>The writing half of a <see cref="SaslStream"/>: plaintext in, sealed packets out.</summary>
internal sealed class PacketSealer(SaslSecurityLayer layer) : IDisposable
{
    private const int EnoughForOneWrite = 64 * 1024;

    private readonly SecureBufferWriter _packets = new();

    /// <summary>The packets made by the last <see cref="Seal"/>.</summary>
    public ReadOnlyMemory<byte> Packets => _packets.WrittenMemory;

    /// <summary>Makes packets, each of at most as much plaintext as the peer accepts, until there is enough for one write.</summary>
    /// <param name="plaintext">What is to be sent; not empty.</param>
    /// <returns>How much of it the packets carry.</returns>
    /// <exception cref="IOException">The peer accepts no data at all.</exception>
    public int Seal(ReadOnlySpan<byte> plaintext)
    {
        if (layer.MaxPlaintext <= 0)
            throw new IOException("The peer accepts no data inside the security layer.");
        _packets.Dispose();
        int carried = 0;
        while (carried < plaintext.Length && _packets.WrittenCount < EnoughForOneWrite)
        {
            int piece = Math.Min(layer.MaxPlaintext, plaintext.Length - carried);
            SealPiece(plaintext.Slice(carried, piece));
            carried += piece;
        }
        return carried;
    }

    /// <summary>Erases the packets.</summary>
    public void Dispose() => _packets.Dispose();

    private void SealPiece(ReadOnlySpan<byte> piece)
    {
        int start = _packets.WrittenCount;
        _packets.Write([0, 0, 0, 0]);
        layer.Wrap(piece, _packets);
        int length = _packets.WrittenCount - start - PacketBuffer.LengthOctets;
        BinaryPrimitives.WriteInt32BigEndian(_packets.Written(start, PacketBuffer.LengthOctets), length);
    }
}
