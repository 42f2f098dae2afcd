using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Core.Tests.Streams;

/// <summary>A security layer that protects nothing: a sequence number, the octets inverted, and their sum. It notices what real ones notice.</summary>
internal sealed class NumberedLayer(int maxPlaintext = 1000, int maxSealed = 1005) : SaslSecurityLayer
{
    public const int Overhead = 5;

    private int _wrapped;
    private int _unwrapped;

    public bool IsDisposed { get; private set; }

    public int Pieces => _wrapped;

    public bool Throws { get; set; }

    public override int Ssf => 1;

    public override int MaxPlaintext => maxPlaintext;

    public override int MaxSealed => maxSealed;

    public override void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (Throws)
            throw new InvalidOperationException("the layer is broken");
        Assert(plaintext.Length <= maxPlaintext, "more plaintext than the peer accepts");
        Span<byte> sealedBuffer = output.GetSpan(plaintext.Length + Overhead);
        BinaryPrimitives.WriteInt32BigEndian(sealedBuffer, _wrapped++);
        byte sum = 0;
        for (int i = 0; i < plaintext.Length; i++)
        {
            sealedBuffer[4 + i] = (byte)~plaintext[i];
            sum += plaintext[i];
        }
        sealedBuffer[4 + plaintext.Length] = sum;
        output.Advance(plaintext.Length + Overhead);
    }

    public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (Throws)
            throw new InvalidOperationException("the layer is broken");
        Assert(sealedBuffer.Length <= maxSealed, "a larger packet than was announced");
        if (sealedBuffer.Length < Overhead || BinaryPrimitives.ReadInt32BigEndian(sealedBuffer) != _unwrapped++)
            return false;
        byte sum = 0;
        foreach (byte octet in sealedBuffer[4..^1])
        {
            byte plain = (byte)~octet;
            sum += plain;
            output.Write([plain]);
        }
        return sum == sealedBuffer[^1];
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    private static void Assert(bool condition, string message)
    {
        if (!condition)
            throw new InvalidOperationException(message);
    }
}
