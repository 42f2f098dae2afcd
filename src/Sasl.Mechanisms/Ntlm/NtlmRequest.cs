using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>The client's first message, NEGOTIATE_MESSAGE, MS-NLMP section 2.2.1.1.</summary>
/// <remarks>
/// <code>
/// 0 signature · 8 type 1 · 12 flags · 16 domain · 24 workstation; both optional, and of no interest here
/// </code>
/// </remarks>
internal static class NtlmRequest
{
    private const uint Type = 1;
    private const int FlagsAt = 12;
    private const int DomainAt = 16;
    private const int WorkstationAt = 24;
    private const int PayloadAt = 32;
    private const int MinLength = 16;

    /// <summary>Reads the flags; null when it is not that message.</summary>
    public static NtlmFlags? Parse(ReadOnlySpan<byte> message) => NtlmMessage.Is(message, Type, MinLength)
        ? (NtlmFlags)BinaryPrimitives.ReadUInt32LittleEndian(message[FlagsAt..])
        : null;

    /// <summary>Writes it as Cyrus SASL does: with neither domain nor workstation.</summary>
    public static void Write(IBufferWriter<byte> output, NtlmFlags flags)
    {
        Span<byte> message = output.GetSpan(PayloadAt)[..PayloadAt];
        NtlmMessage.Begin(message, Type);
        BinaryPrimitives.WriteUInt32LittleEndian(message[FlagsAt..], (uint)flags);
        int place = PayloadAt;
        NtlmField.Write(message, DomainAt, default, ref place);
        NtlmField.Write(message, WorkstationAt, default, ref place);
        output.Advance(PayloadAt);
    }
}
