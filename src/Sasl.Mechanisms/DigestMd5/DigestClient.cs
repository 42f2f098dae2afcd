using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of DIGEST-MD5, RFC 2831: answers the challenge and checks the server's proof; or begins at once where it is remembered.</summary>
internal sealed class DigestClient(SaslClientContext context, DigestMd5Options options) : SaslExchange
{
    private const int NonceOctets = 32;

    private readonly byte[] _secrets = new byte[2 * DigestComputation.HashLength];
    private readonly byte[] _uri = Encoding.UTF8.GetBytes($"{context.Service.Service}/{context.Service.ServerName}");
    private State _state;
    private DigestClientCache.Entry? _login;
    private DigestQop _qop;
    private DigestCipher? _cipher;
    private DigestLayer? _layer;

    private enum State
    {
        ExpectStart,
        ExpectChallenge,
        ExpectAnswerToEarlyResponse,
        ExpectProof,
    }

    public override SaslSecurityLayer? SecurityLayer => _layer;

    private bool Remembers => options.ReauthenticationTimeout > TimeSpan.Zero;

    private DigestClientCache Cache => context.Shared(static () => new DigestClientCache());

    private Span<byte> SessionKey => _secrets.AsSpan(0, DigestComputation.HashLength);

    private Span<byte> ServersProof => _secrets.AsSpan(DigestComputation.HashLength);

    private int OwnBuffer => Math.Min(context.Layers.MaxBuffer, DigestProtection.MaxBuffer);

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        new(_state switch
        {
            State.ExpectStart => Start(output),
            State.ExpectChallenge => OnChallenge(input.Span, output),
            State.ExpectAnswerToEarlyResponse => OnAnswerToEarlyResponse(input.Span, output),
            State.ExpectProof => OnProof(input.Span),
        });

    protected override void Erase() => CryptographicOperations.ZeroMemory(_secrets);

    private SaslStep Start(IBufferWriter<byte> output)
    {
        _state = State.ExpectChallenge;
        if (!Remembers
            || Cache.Take(_uri, context.UserName!, context.Clock.GetUtcNow() - options.ReauthenticationTimeout) is not { } known
            || known.Count == uint.MaxValue)
        {
            return SaslStep.Continue;
        }
        _login = known with { Count = known.Count + 1 };
        SaslStep step = Respond(output);
        if (step.Status is SaslStatus.Continue)
            _state = State.ExpectAnswerToEarlyResponse;
        return step;
    }

    // A server that does not remember sends a challenge, as if nothing had been said.
    private SaslStep OnAnswerToEarlyResponse(ReadOnlySpan<byte> input, IBufferWriter<byte> output) =>
        input.StartsWith("rspauth"u8) ? OnProof(input) : OnChallenge(input, output);

    private SaslStep OnChallenge(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (DigestChallenge.Parse(input, out string? fault) is not { } challenge)
            return SaslStep.Fail(SaslError.Malformed, fault!);
        Span<byte> random = stackalloc byte[NonceOctets];
        context.Nonces.Fill(random);
        byte[] nonce = new byte[Base64.GetMaxEncodedToUtf8Length(NonceOctets)];
        Base64.EncodeToUtf8(random, nonce, out _, out _);
        if (!TryChooseRealm(challenge, out ReadOnlyMemory<byte>? realm))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the realm cannot be expressed in ISO 8859-1, which is all the server takes");
        _login = new DigestClientCache.Entry(_uri, context.UserName!, realm, challenge, nonce, Count: 1, context.Clock.GetUtcNow());
        return Respond(output);
    }

    // The realm that the application names, else the server's first; none when the server has none.
    private bool TryChooseRealm(DigestChallenge challenge, out ReadOnlyMemory<byte>? realm)
    {
        realm = challenge.Realm;
        if (context.Service.Realm.Length == 0)
            return true;
        bool fits = DigestText.TryWrite(context.Service.Realm, challenge.IsUtf8, out byte[] written);
        realm = written;
        return fits;
    }

    private SaslStep Respond(IBufferWriter<byte> output)
    {
        DigestChallenge challenge = _login!.Challenge;
        if (DigestProtection.Of(context.Layers, options.Ciphers).Strongest(challenge.Offer) is not { } chosen)
            return SaslStep.Fail(SaslError.MechanismTooWeak, "the server offers no protection that the policy allows");
        (_qop, _cipher) = chosen;
        if (_qop is not DigestQop.Auth && DigestLayer.RoomIn(challenge.MaxBuffer, _cipher) < 1)
            return SaslStep.Fail(SaslError.Malformed, "the server's buffer is too small for a layer");
        byte[]? authorizationId = null;
        if (!DigestText.TryWrite(context.UserName!, challenge.IsUtf8, out byte[] userName)
            || (AsWhom() is { } whom && !DigestText.TryWrite(whom, challenge.IsUtf8, out authorizationId)))
        {
            return SaslStep.Fail(SaslError.InvalidCredentials, "a name cannot be expressed in ISO 8859-1, which is all the server takes");
        }
        HashSession(userName, authorizationId);
        Write(output, userName, authorizationId);
        _state = State.ExpectProof;
        return SaslStep.Continue;
    }

    // An authzid that says nothing new is not sent (Cyrus SASL does the same).
    private string? AsWhom() =>
        string.IsNullOrEmpty(context.AuthorizationId) || context.AuthorizationId == context.UserName ? null : context.AuthorizationId;

    private void HashSession(byte[] userName, byte[]? authorizationId)
    {
        Span<byte> secret = stackalloc byte[DigestComputation.HashLength];
        DigestComputation.HashFoldedSecret(userName, _login!.Realm.GetValueOrDefault().Span, context.Password!.Span, secret);
        // An array that is null would become an empty name.
        ReadOnlyMemory<byte>? sent = authorizationId is null ? (ReadOnlyMemory<byte>?)null : authorizationId.AsMemory();
        DigestComputation.HashSession(secret, _login.Challenge.Nonce.Span, _login.ClientNonce, sent, SessionKey);
        CryptographicOperations.ZeroMemory(secret);
    }

    private void Write(IBufferWriter<byte> output, byte[] userName, byte[]? authorizationId)
    {
        DigestWriter.WriteQuoted(output, _login!.Challenge.IsUtf8 ? "charset=utf-8,username="u8 : "username="u8, userName);
        if (_login.Realm is { } realm)
            DigestWriter.WriteQuoted(output, ",realm="u8, realm.Span);
        if (authorizationId is not null)
            DigestWriter.WriteQuoted(output, ",authzid="u8, authorizationId);
        DigestWriter.WriteQuoted(output, ",nonce="u8, _login.Challenge.Nonce.Span);
        DigestWriter.WriteQuoted(output, ",cnonce="u8, _login.ClientNonce);
        DigestNumber.WriteCount(output, ",nc="u8, _login.Count);
        output.Write(",qop="u8);
        output.Write(DigestProtection.NameOf(_qop));
        if (_cipher is not null)
        {
            output.Write(",cipher="u8);
            Encoding.ASCII.GetBytes(_cipher.Name, output);
        }
        if (_qop is not DigestQop.Auth)
            DigestWriter.WriteNumber(output, ",maxbuf="u8, OwnBuffer);
        DigestWriter.WriteQuoted(output, ",digest-uri="u8, _uri);
        Prove(output);
    }

    // What the server will prove is known now.
    private void Prove(IBufferWriter<byte> output)
    {
        Span<byte> own = stackalloc byte[DigestComputation.HashLength];
        DigestComputation.Prove(SessionKey, _login!.Challenge.Nonce.Span, _login.ClientNonce, _login.Count, _qop, _uri, own, ServersProof);
        DigestProof.Write(output, ",response="u8, own);
    }

    private SaslStep OnProof(ReadOnlySpan<byte> input)
    {
        if (input.Length > DigestChallenge.MaxLength)
            return SaslStep.Fail(SaslError.Malformed, "the server's proof is longer than 2047 octets");
        Span<byte> arena = stackalloc byte[input.Length];
        var reader = new DigestDirectiveReader(input, arena);
        ReadOnlySpan<byte> proof = arena[..0];
        while (reader.TryNext(out ReadOnlySpan<byte> name, out Range place))
        {
            if (!Ascii.EqualsIgnoreCase(name, "rspauth"u8))
                continue;
            if (!proof.IsEmpty)
                return SaslStep.Fail(SaslError.Malformed, "the server's proof appears twice");
            proof = arena[place];
        }
        if (reader.IsMalformed || proof.IsEmpty)
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server did not prove that it knows the secret");
        Span<byte> sent = stackalloc byte[DigestComputation.HashLength];
        if (!DigestProof.TryRead(proof, sent) || !CryptographicOperations.FixedTimeEquals(ServersProof, sent))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's proof is wrong");
        if (Remembers)
            Cache.Put(_login!);
        if (_qop is not DigestQop.Auth)
            _layer = new DigestLayer(SessionKey, _cipher, isServer: false, _login!.Challenge.MaxBuffer, OwnBuffer);
        return SaslStep.Finished;
    }
}
