using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>The challenge for somebody who has no one-time passwords: it looks like a new sequence, and is the same every time.</summary>
internal static class OtpDecoy
{
    private const int MostUsed = 50;

    public static OtpParameters For(SaslServerContext context, SaslUser user, OtpAlgorithm algorithm)
    {
        Span<byte> octets = stackalloc byte[OtpHash.Length];
        context.FillDecoy(user, "otp"u8, octets);
        int used = octets[0] % MostUsed;
        int digits = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]) % 10_000;
        return new OtpParameters(algorithm, OtpMechanism.FirstSequence - 1 - used, OtpSeed.Of(context.Service.ServerName, digits));
    }

    /// <summary>A record that no answer fits, for the same work.</summary>
    public static OtpRecord Record(OtpParameters asked) => new(asked, new byte[OtpHash.Length], DateTimeOffset.UnixEpoch);
}
