using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The server side of GSS-SPNEGO, as Cyrus SASL and Microsoft have it: tokens and nothing else. What the conversation promises is the layer.</summary>
internal sealed class SpnegoServer(SaslServerContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings)
    : KerberosServerExchange(context, options, backend, warnings, negotiates: true)
{
    private KerberosLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    public override async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (await ConverseAsync(input, output, cancellationToken).ConfigureAwait(false) is { } early)
            return early;
        if (SpnegoLayer.TryMake(Context.Layers, Conversation, out _layer) is { } fault)
            return SaslStep.Fail(SaslError.MechanismTooWeak, fault);
        return await AuthenticateAsync(authorizationId: null, channelBinding: null, cancellationToken).ConfigureAwait(false);
    }
}
