using System.Buffers;
using System.Buffers.Text;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The stored secret, <c>cmusaslsecretSRP</c>: <c>{ utf8(hash) mpi(v) os(salt) }</c> in base64, as Cyrus SASL keeps it.</summary>
/// <param name="Digest">The hash it was made with, which the conversation then uses.</param>
/// <param name="Verifier">v.</param>
/// <param name="Salt">s.</param>
internal sealed record SrpStoredForm(SrpDigest Digest, BigInteger Verifier, byte[] Salt)
{
    /// <summary>The longest that is read, in octets; a verifier of 2048 bits makes 400.</summary>
    public const int MaxLength = 4096;

    /// <summary>Reads it; null when it is not of that form. Cyrus SASL 2.1.28's <c>saslpasswd2</c> stores a verifier that is none, which nobody can log in with.</summary>
    /// <param name="stored">The octets as they are stored.</param>
    /// <param name="group">The group it was made in, which it does not name.</param>
    public static SrpStoredForm? Parse(ReadOnlySpan<byte> stored, SrpGroup group)
    {
        if (stored.Length > MaxLength)
            return null;
        byte[] octets = new byte[Base64.GetMaxDecodedFromUtf8Length(stored.Length)];
        if (Base64.DecodeFromUtf8(stored, octets, out int consumed, out int written) is not OperationStatus.Done || consumed != stored.Length)
            return null;
        var reader = new SrpReader(octets.AsSpan(0, written));
        SrpDigest? digest = SrpDigest.Find(reader.ReadText());
        BigInteger verifier = reader.ReadNumber();
        byte[] salt = reader.ReadOctets().ToArray();
        bool isWhole = reader.IsWhole && digest is not null && verifier.SignValue > 0 && verifier.CompareTo(group.Prime) < 0 && salt.Length > 0;
        octets.AsSpan().Clear();
        return isWhole ? new SrpStoredForm(digest!, verifier, salt) : null;
    }

    /// <summary>The octets to store; a new array.</summary>
    public byte[] Format()
    {
        var writer = new ArrayBufferWriter<byte>();
        new SrpBuffer().AddText(System.Text.Encoding.ASCII.GetBytes(Digest.Name)).AddNumber(Verifier).AddOctets(Salt).WriteTo(writer);
        byte[] stored = new byte[Base64.GetMaxEncodedToUtf8Length(writer.WrittenCount)];
        Base64.EncodeToUtf8(writer.WrittenSpan, stored, out _, out _);
        return stored;
    }
}
