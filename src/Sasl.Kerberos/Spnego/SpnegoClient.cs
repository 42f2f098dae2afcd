using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The client side of GSS-SPNEGO: tokens and nothing else. It cannot say as whom it wants to act.</summary>
internal sealed class SpnegoClient(SaslClientContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings)
    : KerberosClientExchange(context, options, backend, warnings, negotiates: true)
{
    private KerberosLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    protected override GssFlags Wanted => AlwaysWanted | Context.Layers.MaxSsf switch
    {
        <= 0 => GssFlags.None,
        1 => GssFlags.Integrity,
        _ => GssFlags.Integrity | GssFlags.Confidentiality,
    };

    public override async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (await ConverseAsync(input, output, cancellationToken).ConfigureAwait(false) is { } early)
            return early;
        if (!Conversation.Flags.HasFlag(GssFlags.Mutual))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the conversation does not prove the server");
        if (SpnegoLayer.TryMake(Context.Layers, Conversation, out _layer) is { } fault)
            return SaslStep.Fail(SaslError.MechanismTooWeak, fault);
        KeepsContext = _layer is not null;
        return SaslStep.Finished;
    }
}
