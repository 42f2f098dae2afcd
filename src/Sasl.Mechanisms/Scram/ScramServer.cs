using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The server side of SCRAM, RFC 5802.</summary>
/// <remarks>A user who does not exist is answered as one who does, until the proof has been checked: see <see cref="ScramAccount"/>.</remarks>
internal sealed class ScramServer(SaslServerContext context, ScramHash hash, bool plus, ScramOptions options) : SaslExchange
{
    private const int LongestNumber = 10;
    private const int LongestOnStack = 512;

    // Asked for at once, so that the buffer of a usual conversation does not grow.
    private const int UsualConversation = 256;

    // gs2-header client-first-message-bare "," server-first-message "," client-final-message-without-proof.
    // What is signed, AuthMessage, is everything behind the header.
    private readonly SecureBufferWriter _conversation = new();
    private int _headerLength;
    private Range _nonce;
    private State _state;
    private string? _authorizationId;
    private string? _bindingType;
    private ReadOnlyMemory<byte> _bindingData;
    private ScramAccount? _account;

    private enum State
    {
        ExpectClientFirst,
        ExpectClientFinal,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectClientFirst => OnClientFirst(input, output, cancellationToken),
        State.ExpectClientFinal => OnClientFinalAsync(input, output, cancellationToken),
    };

    protected override void Erase()
    {
        _conversation.Dispose();
        _account?.Dispose();
    }

    private ValueTask<SaslStep> OnClientFirst(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!ScramClientFirst.TryParse(input.Span, out ScramClientFirst message))
            return new(SaslStep.Fail(SaslError.Malformed, "client-first-message"));
        if (BindingFault(message.Header) is { } fault)
            return new(SaslStep.Fail(SaslError.ChannelBindingMismatch, fault));

        _headerLength = message.Header.Length;
        _authorizationId = message.Header.AuthorizationId;
        _conversation.GetSpan(UsualConversation);
        _conversation.Write(input.Span);
        _conversation.Write(","u8);
        int nonce = _conversation.WrittenCount + "r=".Length;
        _conversation.Write("r="u8);
        _conversation.Write(message.Nonce);
        context.Nonces.WriteNonce(_conversation);
        _nonce = nonce.._conversation.WrittenCount;
        return AnswerAsync(message.UserName, input.Length + ",".Length, output, cancellationToken);
    }

    private async ValueTask<SaslStep> AnswerAsync(
        string userName, int serverFirst, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        _account = await ScramAccount.FindAsync(context, hash, options, userName, cancellationToken).ConfigureAwait(false);

        _conversation.Write(",s="u8);
        SaslBase64.Encode(_account.Salt.Span, _conversation);
        _conversation.Write(",i="u8);
        _account.Iterations.TryFormat(_conversation.GetSpan(LongestNumber), out int written, default, CultureInfo.InvariantCulture);
        _conversation.Advance(written);

        output.Write(_conversation.WrittenSpan[serverFirst..]);
        _state = State.ExpectClientFinal;
        return SaslStep.Continue;
    }

    private async ValueTask<SaslStep> OnClientFinalAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (FinalFault(input.Span, out int proofStart) is { } fault)
            return fault;
        ScramVerifier verifier = await _account!.VerifierAsync(context.Work, cancellationToken).ConfigureAwait(false);
        SaslStep step = Judge(verifier, input.Span[proofStart..], output);
        if (step.Status is SaslStatus.Success)
            _account.Remember();
        else
            await _account.PayAsync(context.Work, cancellationToken).ConfigureAwait(false);
        return step;
    }

    // What can be wrong with a final message whoever sends it.
    private SaslStep? FinalFault(ReadOnlySpan<byte> input, out int proofStart)
    {
        proofStart = 0;
        if (!ScramClientFinal.TryParse(input, out ScramClientFinal message))
            return SaslStep.Fail(SaslError.Malformed, "client-final-message");
        if (!CryptographicOperations.FixedTimeEquals(message.Nonce, _conversation.WrittenSpan[_nonce]))
            return SaslStep.Fail(SaslError.Malformed, "nonce is not the one sent");
        if (!IsBinding(message.Binding))
            return SaslStep.Fail(SaslError.ChannelBindingMismatch, "c= is not this channel's");
        if (!TryDecodeProof(message.Proof, stackalloc byte[ScramHash.MaxSize]))
            return SaslStep.Fail(SaslError.Malformed, "proof is not one hash in base64");

        proofStart = input.Length - message.Proof.Length;
        _conversation.Write(","u8);
        _conversation.Write(message.WithoutProof);
        return null;
    }

    private SaslStep Judge(ScramVerifier verifier, ReadOnlySpan<byte> proofText, IBufferWriter<byte> output)
    {
        Span<byte> proof = stackalloc byte[ScramHash.MaxSize];
        ReadOnlySpan<byte> authMessage = _conversation.WrittenSpan[_headerLength..];
        bool proved = TryDecodeProof(proofText, proof) && verifier.Verify(authMessage, proof);
        if (_account!.Missing is { } missing)
            return SaslStep.Fail(SaslError.InvalidCredentials, missing);
        if (!proved)
            return SaslStep.Fail(SaslError.InvalidCredentials, "proof does not fit the stored key");

        Span<byte> signature = stackalloc byte[hash.Size];
        hash.Hmac(verifier.ServerKey, authMessage, signature);    // ServerSignature := HMAC(ServerKey, AuthMessage)
        output.Write("v="u8);
        SaslBase64.Encode(signature, output);
        return SaslStep.Authenticated(_account.User, _authorizationId, _bindingType);
    }

    private bool TryDecodeProof(ReadOnlySpan<byte> text, Span<byte> proof) =>
        SaslBase64.TryDecode(text, proof, out int length) && length == hash.Size;

    // Clients of Cyrus SASL bind under the name without -PLUS too; a client may choose any type the channel has.
    private string? BindingFault(in Gs2Header header)
    {
        switch (header.Binding)
        {
            case Gs2Binding.NotSupported:
                return plus ? "a -PLUS mechanism without channel binding" : null;
            case Gs2Binding.NotOffered:
                // A "y" against a server that offered -PLUS means somebody removed the offer on the way.
                return plus ? "a -PLUS mechanism without channel binding"
                    : OfferedPlus() ? "the client has not seen the offer of -PLUS" : null;
            case Gs2Binding.Used:
                _bindingType = header.BindingTypeName();
                return context.TryGetBinding(_bindingType, out _bindingData) ? null : "the channel has no binding of the client's type";
        }
        return null;
    }

    private bool OfferedPlus()
    {
        foreach (SaslMechanism mechanism in context.Offered)
        {
            if (mechanism.RequiresChannelBinding)
                return true;
        }
        return false;
    }

    // There is one way only to write an octet string in strict base64, so the texts can be compared.
    private bool IsBinding(ReadOnlySpan<byte> base64)
    {
        int length = _headerLength + _bindingData.Length;
        int needed = Base64.GetMaxEncodedToUtf8Length(length);
        Span<byte> expected = needed <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[needed];
        _conversation.WrittenSpan[.._headerLength].CopyTo(expected);
        _bindingData.Span.CopyTo(expected[_headerLength..]);
        Base64.EncodeToUtf8InPlace(expected, length, out int written);
        return CryptographicOperations.FixedTimeEquals(base64, expected[..written]);
    }
}
