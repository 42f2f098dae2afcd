using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>The client's second message, AUTHENTICATE_MESSAGE, MS-NLMP section 2.2.1.3.</summary>
/// <remarks>
/// <code>
/// 0 signature · 8 type 3 · 12 LM response · 20 NT response · 28 domain · 36 user · 44 workstation · 52 session key · 60 flags; the last two may be missing
/// </code>
/// </remarks>
/// <param name="LmResponse">LM or LMv2; empty when there is none.</param>
/// <param name="NtResponse">NT or NTLMv2; empty when there is none.</param>
/// <param name="Domain">The domain the response is made with; empty when there is none.</param>
/// <param name="User">The user's name.</param>
internal sealed record NtlmAuthentication(ReadOnlyMemory<byte> LmResponse, ReadOnlyMemory<byte> NtResponse, string Domain, string User)
{
    private const uint Type = 3;
    private const int LmAt = 12;
    private const int NtAt = 20;
    private const int DomainAt = 28;
    private const int UserAt = 36;
    private const int WorkstationAt = 44;
    private const int SessionKeyAt = 52;
    private const int FlagsAt = 60;
    private const int PayloadAt = 64;
    private const int MinLength = 52;

    /// <summary>Reads it; null with a fault when it is not that message.</summary>
    public static NtlmAuthentication? Parse(ReadOnlyMemory<byte> message, bool unicode, out string? fault)
    {
        fault = "the response is not NTLM's";
        if (!NtlmMessage.Is(message.Span, Type, MinLength))
            return null;
        fault = "a part of the response is outside it";
        if (!NtlmField.TryRead(message, LmAt, out ReadOnlyMemory<byte> lm)
            || !NtlmField.TryRead(message, NtAt, out ReadOnlyMemory<byte> nt)
            || !NtlmField.TryRead(message, DomainAt, out ReadOnlyMemory<byte> domain)
            || !NtlmField.TryRead(message, UserAt, out ReadOnlyMemory<byte> user))
        {
            return null;
        }
        fault = "the response proves nothing, or is too short";
        if ((lm.IsEmpty && nt.IsEmpty) || lm.Length is > 0 and < NtlmComputation.ResponseLength || nt.Length is > 0 and < NtlmComputation.ResponseLength)
            return null;
        fault = "a name is missing, or no text";
        if (user.IsEmpty || !NtlmText.TryRead(user.Span, unicode, out string? userName) || !NtlmText.TryRead(domain.Span, unicode, out string? domainName))
            return null;
        fault = null;
        return new NtlmAuthentication(lm, nt, domainName, userName);
    }

    /// <summary>Writes it as Cyrus SASL does: with neither workstation nor session key.</summary>
    /// <returns>False when a part is longer than its length can say.</returns>
    public bool TryWrite(IBufferWriter<byte> output, NtlmFlags flags)
    {
        bool unicode = flags.HasFlag(NtlmFlags.Unicode);
        byte[] domain = NtlmText.Write(Domain, unicode);
        byte[] user = NtlmText.Write(User, unicode);
        if (domain.Length > ushort.MaxValue || user.Length > ushort.MaxValue)
            return false;
        int length = PayloadAt + LmResponse.Length + NtResponse.Length + domain.Length + user.Length;
        Span<byte> message = output.GetSpan(length)[..length];
        NtlmMessage.Begin(message, Type);
        int place = PayloadAt;
        NtlmField.Write(message, LmAt, LmResponse.Span, ref place);
        NtlmField.Write(message, NtAt, NtResponse.Span, ref place);
        NtlmField.Write(message, DomainAt, domain, ref place);
        NtlmField.Write(message, UserAt, user, ref place);
        NtlmField.Write(message, WorkstationAt, default, ref place);
        NtlmField.Write(message, SessionKeyAt, default, ref place);
        BinaryPrimitives.WriteUInt32LittleEndian(message[FlagsAt..], (uint)flags);
        output.Advance(length);
        return true;
    }
}
