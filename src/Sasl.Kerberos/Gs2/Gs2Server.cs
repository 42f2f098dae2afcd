using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The server side of GS2-KRB5 and GS2-KRB5-PLUS, RFC 5801: the header, then tokens. The header is a part of what the ticket's holder signs.</summary>
internal sealed class Gs2Server(SaslServerContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings, bool plus)
    : KerberosServerExchange(context, options, backend, warnings, negotiates: false)
{
    private byte[]? _binding;
    private string? _bindingType;
    private string? _authorizationId;

    protected override byte[] Binding => _binding!;

    public override async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> token = input;
        if (_binding is null)
        {
            if (ReadHeader(input.Span, out byte[] restored) is var (error, fault))
                return SaslStep.Fail(error, fault);
            token = restored;
        }
        if (await ConverseAsync(token, output, cancellationToken).ConfigureAwait(false) is { } early)
            return early;
        // A ticket that was shown to another mechanism of the same service could be shown here again, with any header before it.
        if (!Conversation.Flags.HasFlag(GssFlags.ChannelBound))
            return SaslStep.Fail(SaslError.ChannelBindingMismatch, "the client has not signed the GS2 header");
        if (!Conversation.Flags.HasFlag(GssFlags.Mutual))
            return SaslStep.Fail(SaslError.Malformed, "the client does not want the server to prove itself");
        return await AuthenticateAsync(_authorizationId, _bindingType, cancellationToken).ConfigureAwait(false);
    }

    private (SaslError Error, string Fault)? ReadHeader(ReadOnlySpan<byte> message, out byte[] token)
    {
        token = [];
        // "F,": the token never had a header. Those of Kerberos always have.
        if (!Gs2Header.TryParse(message, out Gs2Header header))
            return (SaslError.Malformed, "GS2 header");
        if (message.Length == header.Length)
            return (SaslError.Malformed, "GS2 header without a token");
        ReadOnlyMemory<byte> data = default;
        if (BindingFault(header, ref data) is { } fault)
            return (SaslError.ChannelBindingMismatch, fault);
        _authorizationId = header.AuthorizationId;
        _binding = [.. message[..header.Length], .. data.Span];
        token = Gs2Token.Restore(message[header.Length..]);
        return null;
    }

    // Clients of Cyrus SASL bind under the name without -PLUS too; a client may choose any type the channel has.
    private string? BindingFault(in Gs2Header header, ref ReadOnlyMemory<byte> data)
    {
        switch (header.Binding)
        {
            case Gs2Binding.NotSupported:
                return plus ? "a -PLUS mechanism without channel binding" : null;
            case Gs2Binding.NotOffered:
                // A "y" against a server that offered -PLUS means somebody removed the offer on the way.
                return plus ? "a -PLUS mechanism without channel binding"
                    : Context.Offered.Any(static mechanism => mechanism.RequiresChannelBinding) ? "the client has not seen the offer of -PLUS" : null;
            case Gs2Binding.Used:
                _bindingType = header.BindingTypeName();
                return Context.TryGetBinding(_bindingType, out data) ? null : "the channel has no binding of the client's type";
        }
        return null;
    }
}
