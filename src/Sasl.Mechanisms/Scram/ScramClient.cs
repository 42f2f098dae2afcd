using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The client side of SCRAM, RFC 5802.</summary>
internal sealed class ScramClient(SaslClientContext context, ScramHash hash, bool plus, ScramOptions options) : SaslExchange
{
    // Asked for at once, so that the buffer of a usual conversation does not grow.
    private const int UsualConversation = 256;

    // gs2-header client-first-message-bare "," server-first-message "," client-final-message-without-proof.
    // What is signed, AuthMessage, is everything behind the header.
    private readonly SecureBufferWriter _conversation = new();
    private int _headerLength;
    private int _nonceStart;
    private int _finalStart;
    private State _state;
    private ReadOnlyMemory<byte> _bindingData;
    private byte[] _octets = [];    // ClientKey, ServerKey, salt
    private int _iterations;
    private bool _derived;

    private enum State
    {
        ExpectStart,
        ExpectServerFirst,
        ExpectServerFinal,
    }

    private Span<byte> Keys => _octets.AsSpan(0, 2 * hash.Size);

    private Span<byte> ClientKey => _octets.AsSpan(0, hash.Size);

    private Span<byte> ServerKey => _octets.AsSpan(hash.Size, hash.Size);

    private ReadOnlySpan<byte> Salt => _octets.AsSpan(2 * hash.Size);

    private ReadOnlySpan<byte> AuthMessage => _conversation.WrittenSpan[_headerLength..];

    private ScramKeyCache Cache => context.Shared(static () => new ScramKeyCache());

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectStart => new(Start(output)),
        State.ExpectServerFirst => OnServerFirst(input.Span, output, cancellationToken),
        State.ExpectServerFinal => new(OnServerFinal(input.Span)),
    };

    protected override void Erase()
    {
        _conversation.Dispose();
        CryptographicOperations.ZeroMemory(_octets);
    }

    private SaslStep Start(IBufferWriter<byte> output)
    {
        if (!SaslPrep.TryQuery(context.UserName!, out string? name) || name.Length == 0)
            return SaslStep.Fail(SaslError.InvalidCredentials, "the user name cannot be prepared (SASLprep)");
        if (plus && !(context.ChannelBindingType is { } type && context.Channel.Bindings!.TryGet(type, out _bindingData) && !_bindingData.IsEmpty))
            return SaslStep.Fail(SaslError.ChannelBindingMismatch, "the channel has no binding of the chosen type");

        _conversation.GetSpan(UsualConversation);
        Gs2Header.Write(Flag(), context.ChannelBindingType, context.AuthorizationId, _conversation);
        _headerLength = _conversation.WrittenCount;
        _conversation.Write("n="u8);
        SaslName.Encode(name, _conversation);
        _conversation.Write(",r="u8);
        _nonceStart = _conversation.WrittenCount;
        context.Nonces.WriteNonce(_conversation);

        output.Write(_conversation.WrittenSpan);
        _state = State.ExpectServerFirst;
        return SaslStep.Continue;
    }

    // Who could bind but is not offered it says so, and a server that did offer it knows that the offer was removed on the way.
    private Gs2Binding Flag() =>
        plus ? Gs2Binding.Used
        : context.ChannelBindingType is not null && !context.Offered.Any(static name => name.EndsWith("-PLUS", StringComparison.OrdinalIgnoreCase))
            ? Gs2Binding.NotOffered
            : Gs2Binding.NotSupported;

    private ValueTask<SaslStep> OnServerFirst(ReadOnlySpan<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!ScramServerFirst.TryParse(input, out ScramServerFirst message))
        {
            return new(ScramServerFinal.TryParse(input, out ScramServerFinal refusal) && !refusal.Error.IsEmpty
                ? ScramServerError.ToStep(refusal.Error)
                : SaslStep.Fail(SaslError.Malformed, "server-first-message"));
        }
        ReadOnlySpan<byte> nonce = _conversation.WrittenSpan[_nonceStart..];
        if (message.Nonce.Length <= nonce.Length || !message.Nonce.StartsWith(nonce))
            return new(SaslStep.Fail(SaslError.Malformed, "the server's nonce does not extend the client's"));
        if (message.Iterations < options.MinIterations)
            return new(SaslStep.Fail(SaslError.MechanismTooWeak, "the server's iteration count is below the configured floor"));
        if (message.Iterations > options.MaxIterations)
            return new(SaslStep.Fail(SaslError.Malformed, "the server's iteration count is above the configured cap"));
        Span<byte> salt = stackalloc byte[ScramVerifier.MaxSaltLength];
        if (!SaslBase64.TryDecode(message.Salt, salt, out int saltLength))
            return new(SaslStep.Fail(SaslError.Malformed, "the salt is not base64 of at most 1024 octets"));

        _octets = new byte[(2 * hash.Size) + saltLength];
        salt[..saltLength].CopyTo(_octets.AsSpan(2 * hash.Size));
        _iterations = message.Iterations;
        WriteAfterServerFirst(input, message.Nonce);
        return ProveAsync(output, cancellationToken);
    }

    private void WriteAfterServerFirst(ReadOnlySpan<byte> serverFirst, ReadOnlySpan<byte> nonce)
    {
        _conversation.Write(","u8);
        _conversation.Write(serverFirst);
        _conversation.Write(","u8);
        _finalStart = _conversation.WrittenCount;
        _conversation.Write("c="u8);
        WriteBinding();
        _conversation.Write(",r="u8);
        _conversation.Write(nonce);
    }

    private void WriteBinding()
    {
        int length = _headerLength + _bindingData.Length;
        Span<byte> text = _conversation.GetSpan(Base64.GetMaxEncodedToUtf8Length(length));
        _conversation.WrittenSpan[.._headerLength].CopyTo(text);
        _bindingData.Span.CopyTo(text[_headerLength..]);
        Base64.EncodeToUtf8InPlace(text, length, out int written);
        _conversation.Advance(written);
    }

    private async ValueTask<SaslStep> ProveAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!Cache.TryCopy(hash, Salt, _iterations, Keys))
        {
            using var password = new SecureBufferWriter();
            if (!SaslPrep.TryStored(context.Password!.Span, password))
                return SaslStep.Fail(SaslError.InvalidCredentials, "the password cannot be prepared (SASLprep)");
            await DeriveAsync(password.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _derived = true;
        }
        WriteFinal(output);
        _state = State.ExpectServerFinal;
        return SaslStep.Continue;
    }

    private async ValueTask DeriveAsync(ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        if (_iterations <= SaslWorkQueue.InlineIterations)
            ScramKeys.Derive(hash, password.Span, Salt, _iterations, ClientKey, ServerKey);
        else
            await context.Work.RunAsync(Derive, cancellationToken).ConfigureAwait(false);

        bool Derive()
        {
            ScramKeys.Derive(hash, password.Span, Salt, _iterations, ClientKey, ServerKey);
            return true;
        }
    }

    private void WriteFinal(IBufferWriter<byte> output)
    {
        Span<byte> storedKey = stackalloc byte[hash.Size];
        Span<byte> proof = stackalloc byte[hash.Size];
        hash.Hash(ClientKey, storedKey);                // StoredKey       := H(ClientKey)
        hash.Hmac(storedKey, AuthMessage, proof);       // ClientSignature := HMAC(StoredKey, AuthMessage)
        for (int i = 0; i < proof.Length; i++)
            proof[i] ^= ClientKey[i];                   // ClientProof     := ClientKey XOR ClientSignature
        CryptographicOperations.ZeroMemory(storedKey);

        output.Write(_conversation.WrittenSpan[_finalStart..]);
        output.Write(",p="u8);
        SaslBase64.Encode(proof, output);
    }

    private SaslStep OnServerFinal(ReadOnlySpan<byte> input)
    {
        if (!ScramServerFinal.TryParse(input, out ScramServerFinal message))
            return SaslStep.Fail(SaslError.Malformed, "server-final-message");
        if (!message.Error.IsEmpty)
            return ScramServerError.ToStep(message.Error);

        Span<byte> expected = stackalloc byte[hash.Size];
        Span<byte> signature = stackalloc byte[ScramHash.MaxSize];
        hash.Hmac(ServerKey, AuthMessage, expected);    // ServerSignature := HMAC(ServerKey, AuthMessage)
        if (!SaslBase64.TryDecode(message.Signature, signature, out int length)
            || !CryptographicOperations.FixedTimeEquals(signature[..length], expected))
        {
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's signature is wrong: it does not know the password");
        }
        if (_derived)
            Cache.Add(hash, Salt, _iterations, Keys);
        return SaslStep.Finished;
    }
}
