using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>The server's message, CHALLENGE_MESSAGE, MS-NLMP section 2.2.1.2.</summary>
/// <remarks>
/// <code>
/// 0 signature · 8 type 2 · 12 target · 20 flags · 24 challenge · 32 context · 40 target information; the last two may be missing
/// </code>
/// </remarks>
/// <param name="Flags">What the server has chosen.</param>
/// <param name="Challenge">Eight octets.</param>
/// <param name="Target">The server's name or its domain's; empty when it does not say.</param>
/// <param name="TargetInfo">Pairs of attributes and values, to be repeated; empty when there are none.</param>
internal sealed record NtlmChallenge(NtlmFlags Flags, ReadOnlyMemory<byte> Challenge, string Target, ReadOnlyMemory<byte> TargetInfo)
{
    /// <summary>The most target information that a client takes, in octets; servers send a few hundred.</summary>
    public const int MaxTargetInfo = 8192;

    private const uint Type = 2;
    private const int TargetAt = 12;
    private const int FlagsAt = 20;
    private const int ChallengeAt = 24;
    private const int TargetInfoAt = 40;
    private const int PayloadAt = 48;
    private const int MinLength = 32;

    /// <summary>Reads it; null with a fault when it is not that message.</summary>
    public static NtlmChallenge? Parse(ReadOnlyMemory<byte> message, out string? fault)
    {
        fault = "the challenge is not NTLM's";
        if (!NtlmMessage.Is(message.Span, Type, MinLength))
            return null;
        var flags = (NtlmFlags)BinaryPrimitives.ReadUInt32LittleEndian(message.Span[FlagsAt..]);
        ReadOnlyMemory<byte> info = default;
        fault = "a part of the challenge is outside it";
        if (!NtlmField.TryRead(message, TargetAt, out ReadOnlyMemory<byte> target))
            return null;
        if (flags.HasFlag(NtlmFlags.TargetInfo) && (message.Length < TargetInfoAt + NtlmField.Length || !NtlmField.TryRead(message, TargetInfoAt, out info)))
            return null;
        fault = "the target information is too long, or its pairs do not end";
        if (info.Length > MaxTargetInfo || (!info.IsEmpty && !NtlmTargetInfo.IsWhole(info.Span)))
            return null;
        fault = "the target is no text";
        if (!NtlmText.TryRead(target.Span, flags.HasFlag(NtlmFlags.Unicode), out string? name))
            return null;
        fault = null;
        return new NtlmChallenge(flags, message.Slice(ChallengeAt, NtlmComputation.ChallengeLength), name, info);
    }

    /// <summary>Writes it as Cyrus SASL does, and the target information behind that, if there is any.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        byte[] target = NtlmText.Write(Target, Flags.HasFlag(NtlmFlags.Unicode));
        // Cyrus SASL leaves room for the target in UTF-16 whatever it sends.
        int infoPlace = PayloadAt + Math.Max(target.Length, 2 * Target.Length);
        int length = infoPlace + TargetInfo.Length;
        Span<byte> message = output.GetSpan(length)[..length];
        NtlmMessage.Begin(message, Type);
        int place = PayloadAt;
        NtlmField.Write(message, TargetAt, target, ref place);
        BinaryPrimitives.WriteUInt32LittleEndian(message[FlagsAt..], (uint)Flags);
        Challenge.Span.CopyTo(message[ChallengeAt..]);
        if (!TargetInfo.IsEmpty)
            NtlmField.Write(message, TargetInfoAt, TargetInfo.Span, ref infoPlace);
        output.Advance(length);
    }
}
