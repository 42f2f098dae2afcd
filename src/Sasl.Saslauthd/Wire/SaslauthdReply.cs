using System.Buffers.Binary;

namespace Sasl.Saslauthd;

/// <summary>The reply: one counted string that begins with <c>OK</c> or <c>NO</c>, then a reason after a blank, or nothing.</summary>
internal static class SaslauthdReply
{
    /// <summary>How many octets <see cref="Write"/> needs at most.</summary>
    public const int MaxLength = SaslauthdWire.CountLength + SaslauthdWire.MaxReplyTextLength;

    private const int WordLength = 2;

    /// <summary>Writes a reply.</summary>
    /// <param name="text">The text; what is beyond <see cref="SaslauthdWire.MaxReplyTextLength"/> is left out, because clients leave it out, too.</param>
    /// <param name="output">Takes the octets; <see cref="MaxLength"/> always suffice.</param>
    /// <returns>How many octets were written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> output)
    {
        text = text[..Math.Min(text.Length, SaslauthdWire.MaxReplyTextLength)];
        BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)text.Length);
        text.CopyTo(output[SaslauthdWire.CountLength..]);
        return SaslauthdWire.CountLength + text.Length;
    }

    /// <summary>Whether a reply has arrived as far as it is read; the daemon sends count and text apart.</summary>
    /// <param name="received">All that was received so far.</param>
    public static bool IsComplete(ReadOnlySpan<byte> received) => TryGetText(received, out _);

    /// <summary>Finds the text of a reply.</summary>
    /// <param name="received">All that was received.</param>
    /// <param name="text">The text, cut at <see cref="SaslauthdWire.MaxReplyTextLength"/> octets.</param>
    /// <returns>Whether it was complete.</returns>
    public static bool TryGetText(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (received.Length < SaslauthdWire.CountLength)
            return false;
        int length = Math.Min((int)BinaryPrimitives.ReadUInt16BigEndian(received), SaslauthdWire.MaxReplyTextLength);
        if (received.Length - SaslauthdWire.CountLength < length)
            return false;
        text = received.Slice(SaslauthdWire.CountLength, length);
        return true;
    }

    /// <summary>Judges the text of a reply. Cyrus SASL takes whatever begins with <c>OK</c> for a yes and all else for a no.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reason">What follows the word, without the blank; empty when nothing does.</param>
    public static SaslauthdReplyKind Judge(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> reason)
    {
        reason = default;
        if (text.Length < WordLength || (text.Length > WordLength && text[WordLength] > (byte)' '))
            return SaslauthdReplyKind.Garbage;
        reason = text[WordLength..].Trim(" \t\r\n\0"u8);
        return text.StartsWith("OK"u8) ? SaslauthdReplyKind.Accepted
            : text.StartsWith("NO"u8) ? SaslauthdReplyKind.Refused
            : SaslauthdReplyKind.Garbage;
    }
}
