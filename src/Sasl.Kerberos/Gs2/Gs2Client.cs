using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The client side of GS2-KRB5 and GS2-KRB5-PLUS, RFC 5801.</summary>
internal sealed class Gs2Client(SaslClientContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings, bool plus)
    : KerberosClientExchange(context, options, backend, warnings, negotiates: false)
{
    private byte[]? _binding;

    // Cyrus SASL's server wants sequence protection too.
    protected override GssFlags Wanted => AlwaysWanted | GssFlags.Integrity;

    protected override byte[] Binding => _binding!;

    private Gs2Binding Flag =>
        plus ? Gs2Binding.Used
        : Context.ChannelBindingType is not null && !Context.Offered.Any(static name => name.EndsWith("-PLUS", StringComparison.OrdinalIgnoreCase))
            ? Gs2Binding.NotOffered
            : Gs2Binding.NotSupported;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        _binding is null ? BeginAsync(output, cancellationToken) : GoOnAsync(input, output, cancellationToken);

    private async ValueTask<SaslStep> BeginAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> data = default;
        if (plus && !(Context.ChannelBindingType is { } type && Context.Channel.Bindings!.TryGet(type, out data) && !data.IsEmpty))
            return SaslStep.Fail(SaslError.ChannelBindingMismatch, "the channel has no binding of the chosen type");
        var header = new ArrayBufferWriter<byte>();
        Gs2Header.Write(Flag, Context.ChannelBindingType, Context.AuthorizationId, header);
        _binding = [.. header.WrittenSpan, .. data.Span];

        (KerberosStep step, SaslStep? failure) = await AdvanceAsync(default, cancellationToken).ConfigureAwait(false);
        if (failure is { } failed)
            return failed;
        output.Write(header.WrittenSpan);
        return !step.IsComplete && TryWriteWithoutHeader(step.Token, output)
            ? SaslStep.Continue
            : SaslStep.Fail(SaslError.MechanismUnavailable, "the GSS library made no token that GS2 can carry");
    }

    private static bool TryWriteWithoutHeader(byte[] token, IBufferWriter<byte> output)
    {
        if (!Gs2Token.TryStrip(token, out ReadOnlySpan<byte> inner))
            return false;
        output.Write(inner);
        return true;
    }

    private async ValueTask<SaslStep> GoOnAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (await ConverseAsync(input, output, cancellationToken).ConfigureAwait(false) is { } early)
            return early;
        return Conversation.Flags.HasFlag(GssFlags.Mutual)
            ? SaslStep.Finished
            : SaslStep.Fail(SaslError.ServerNotAuthentic, "the conversation does not prove the server");
    }
}
