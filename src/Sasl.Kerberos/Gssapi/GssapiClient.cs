using System.Buffers;
using System.Text;

namespace Sasl.Kerberos;

/// <summary>The client side of GSSAPI, RFC 4752 section 3.1: tokens until the server has proved itself, then the choice of a layer.</summary>
internal sealed class GssapiClient(SaslClientContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings)
    : KerberosClientExchange(context, options, backend, warnings, negotiates: false)
{
    private State _state;
    private KerberosLayer? _layer;

    private enum State
    {
        ExpectToken,
        ExpectOffer,
    }

    public override SaslSecurityLayer? SecurityLayer => _layer;

    // Integrity always: the offer of layers is signed.
    protected override GssFlags Wanted =>
        AlwaysWanted | GssFlags.Integrity | (Context.Layers.MaxSsf > 1 ? GssFlags.Confidentiality : GssFlags.None);

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectToken => OnTokenAsync(input, output, cancellationToken),
        State.ExpectOffer => new(OnOffer(input.Span, output)),
    };

    private async ValueTask<SaslStep> OnTokenAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (await ConverseAsync(input, output, cancellationToken).ConfigureAwait(false) is { } early)
            return early;
        if (!Conversation.Flags.HasFlag(GssFlags.Mutual | GssFlags.Integrity))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the conversation does not prove the server");
        _state = State.ExpectOffer;
        return SaslStep.Continue;
    }

    private SaslStep OnOffer(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        using var plain = new SecureBufferWriter();
        if (!Conversation.TryUnwrap(input, plain, out _))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the offer of layers does not open");
        if (plain.WrittenCount != LayerMessage.Length)
            return SaslStep.Fail(SaslError.Malformed, "the offer of layers does not have 4 octets");
        LayerMessage offer = LayerMessage.Parse(plain.WrittenSpan);
        LayerBits chosen = Strongest(offer.Layers & LayerMessage.Allowed(Context.Layers, Conversation));
        if (chosen is LayerBits.Nothing)
            return SaslStep.Fail(SaslError.MechanismTooWeak, "no layer that the server offers is within the bounds of the policy");
        if (chosen is not LayerBits.NoLayer)
        {
            _layer = KerberosLayer.Make(Conversation, chosen is LayerBits.Confidentiality, offer.MaxBuffer, Context.Layers.MaxBuffer);
            if (_layer is null)
                return SaslStep.Fail(SaslError.Malformed, "the server's buffer is too small for a layer");
        }
        Choose(chosen, offer.Layers, output);
        KeepsContext = _layer is not null;
        return SaslStep.Finished;
    }

    private static LayerBits Strongest(LayerBits bits) =>
        bits.HasFlag(LayerBits.Confidentiality) ? LayerBits.Confidentiality
        : bits.HasFlag(LayerBits.Integrity) ? LayerBits.Integrity
        : bits & LayerBits.NoLayer;

    private void Choose(LayerBits chosen, LayerBits offered, IBufferWriter<byte> output)
    {
        bool both = Options.AdCompat && chosen is LayerBits.Confidentiality && offered.HasFlag(LayerBits.Integrity);
        using var plain = new SecureBufferWriter();
        new LayerMessage(both ? chosen | LayerBits.Integrity : chosen, LayerMessage.SizeFor(chosen, Context.Layers)).Write(plain);
        if (Context.AuthorizationId is { } authorizationId)
            Encoding.UTF8.GetBytes(authorizationId, plain);
        Conversation.Wrap(plain.WrittenSpan, conceal: false, output);
    }
}
