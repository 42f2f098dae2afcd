using System.Buffers.Binary;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sasl.Mechanisms;

/// <summary>The signatures of one direction.</summary>
internal abstract class SrpMac
{
    /// <summary>The length of what follows a message when it is signed: its number.</summary>
    protected const int NumberLength = 4;

    /// <summary>The length of a signature.</summary>
    public abstract int Size { get; }

    /// <summary>Makes one direction.</summary>
    public static SrpMac Make(SrpMacs how, SrpDigest digest, ReadOnlySpan<byte> sessionKey) =>
        how is SrpMacs.Cyrus ? new SrpChainedMac(sessionKey) : new Hashed(digest, sessionKey);

    /// <summary>Signs the next message.</summary>
    /// <param name="message">As it is sent.</param>
    /// <param name="number">Its number.</param>
    /// <param name="signature">Gets <see cref="Size"/> octets.</param>
    public abstract void Sign(ReadOnlySpan<byte> message, uint number, Span<byte> signature);

    /// <summary>Forgets the key.</summary>
    public abstract void Erase();

    private sealed class Hashed : SrpMac
    {
        private readonly HMac _hmac;

        public Hashed(SrpDigest digest, ReadOnlySpan<byte> sessionKey)
        {
            _hmac = new HMac(digest.Start());
            _hmac.Init(new KeyParameter(sessionKey));
        }

        public override int Size => _hmac.GetMacSize();

        public override void Sign(ReadOnlySpan<byte> message, uint number, Span<byte> signature)
        {
            Span<byte> octets = stackalloc byte[NumberLength];
            BinaryPrimitives.WriteUInt32BigEndian(octets, number);
            _hmac.BlockUpdate(message);
            _hmac.BlockUpdate(octets);
            _hmac.DoFinal(signature);
        }

        public override void Erase() => _hmac.Init(new KeyParameter(new byte[Size]));
    }
}
