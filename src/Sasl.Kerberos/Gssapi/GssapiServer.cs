using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Kerberos;

/// <summary>The server side of GSSAPI, RFC 4752 section 3.2: tokens until the client is known, then an offer of layers and the client's choice.</summary>
internal sealed class GssapiServer(SaslServerContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings)
    : KerberosServerExchange(context, options, backend, warnings, negotiates: false)
{
    // Sent by clients that choose encryption and speak to Active Directory.
    private const LayerBits BothBits = LayerBits.Integrity | LayerBits.Confidentiality;

    private State _state;
    private LayerBits _offered;
    private KerberosLayer? _layer;

    private enum State
    {
        ExpectToken,
        ExpectAcknowledgement,
        ExpectChoice,
    }

    public override SaslSecurityLayer? SecurityLayer => _layer;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectToken => OnTokenAsync(input, output, cancellationToken),
        State.ExpectAcknowledgement => new(input.IsEmpty ? Offer(output) : SaslStep.Fail(SaslError.Malformed, "data where only an empty response fits")),
        State.ExpectChoice => OnChoiceAsync(input, cancellationToken),
    };

    private async ValueTask<SaslStep> OnTokenAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        (KerberosStep step, SaslStep? failure) = await AdvanceAsync(input, cancellationToken).ConfigureAwait(false);
        if (failure is { } failed)
            return failed;
        output.Write(step.Token);
        if (!step.IsComplete)
            return SaslStep.Continue;
        if (!Conversation.Flags.HasFlag(GssFlags.Integrity))
            return SaslStep.Fail(SaslError.MechanismTooWeak, "the client's conversation has no integrity");
        if (step.Token.Length == 0)
            return Offer(output);
        _state = State.ExpectAcknowledgement;
        return SaslStep.Continue;
    }

    private SaslStep Offer(IBufferWriter<byte> output)
    {
        _offered = LayerMessage.Allowed(Context.Layers, Conversation);
        if (_offered is LayerBits.Nothing)
            return SaslStep.Fail(SaslError.MechanismTooWeak, "no layer within the bounds of the policy can be offered");
        using var plain = new SecureBufferWriter();
        new LayerMessage(_offered, LayerMessage.SizeFor(_offered, Context.Layers)).Write(plain);
        Conversation.Wrap(plain.WrittenSpan, conceal: false, output);
        _state = State.ExpectChoice;
        return SaslStep.Continue;
    }

    private ValueTask<SaslStep> OnChoiceAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        using var plain = new SecureBufferWriter();
        if (!Conversation.TryUnwrap(input.Span, plain, out _))
            return new(SaslStep.Fail(SaslError.Malformed, "the choice of a layer does not open"));
        if (plain.WrittenCount < LayerMessage.Length)
            return new(SaslStep.Fail(SaslError.Malformed, "the choice of a layer is shorter than 4 octets"));
        if (WhyRefused(LayerMessage.Parse(plain.WrittenSpan)) is { } fault)
            return new(SaslStep.Fail(SaslError.Malformed, fault));
        ReadOnlySpan<byte> name = plain.WrittenSpan[LayerMessage.Length..];
        if (name.Contains((byte)0) || !Utf8.IsValid(name))
            return new(SaslStep.Fail(SaslError.Malformed, "the authorization identity is not UTF-8 without a NUL"));
        return AuthenticateAsync(name.IsEmpty ? null : Encoding.UTF8.GetString(name), channelBinding: null, cancellationToken);
    }

    private string? WhyRefused(LayerMessage choice)
    {
        LayerBits chosen = choice.Layers is BothBits && Options.AdCompat ? LayerBits.Confidentiality : choice.Layers;
        if (chosen is not (LayerBits.NoLayer or LayerBits.Integrity or LayerBits.Confidentiality) || !_offered.HasFlag(chosen))
            return "the layer chosen was not offered, or is not one";
        if (chosen is LayerBits.NoLayer)
            return null;    // GNU SASL's client says a size all the same, which then means nothing
        _layer = KerberosLayer.Make(Conversation, chosen is LayerBits.Confidentiality, choice.MaxBuffer, Context.Layers.MaxBuffer);
        return _layer is null ? "the client's buffer is too small for a layer" : null;
    }
}
