using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The server side of DIGEST-MD5, RFC 2831: challenge, response, and its own proof; or without the challenge when it remembers the client.</summary>
internal sealed class DigestServer(SaslServerContext context, DigestMd5Options options) : SaslExchange
{
    private const int NonceOctets = 32;

    private static readonly ImmutableArray<SaslProperty> s_wanted = [DigestMd5Mechanism.Secret, SaslProperty.UserPassword];

    private readonly DigestComputation _computation = new();
    private readonly DigestProtection _offer = DigestProtection.Of(context.Layers, options.Ciphers);
    private readonly byte[] _sessionKey = new byte[DigestComputation.HashLength];
    private byte[]? _nonce;
    private DigestLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    private bool Remembers => options.ReauthenticationTimeout > TimeSpan.Zero;

    private DigestServerCache Cache => context.Shared(static () => new DigestServerCache());

    private string Realm => context.Service.Realm.Length > 0 ? context.Service.Realm : context.Service.ServerName;

    private int OwnBuffer => Math.Min(context.Layers.MaxBuffer, DigestProtection.MaxBuffer);

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_nonce is null && (input.IsEmpty || !Remembers))
            return new(Challenge(output, stale: false));
        if (DigestResponse.Parse(input.Span, out string? fault) is not { } response)
            return new(SaslStep.Fail(SaslError.Malformed, fault!));
        if (_nonce is not null)
            return OnResponseAsync(response, output, again: false, cancellationToken);
        return Cache.Knows(response, context.Clock.GetUtcNow() - options.ReauthenticationTimeout, out bool isStale)
            ? OnResponseAsync(response, output, again: true, cancellationToken)
            : new(Challenge(output, isStale));
    }

    protected override void Erase() => CryptographicOperations.ZeroMemory(_sessionKey);

    private SaslStep Challenge(IBufferWriter<byte> output, bool stale)
    {
        Span<byte> random = stackalloc byte[NonceOctets];
        context.Nonces.Fill(random);
        _nonce = new byte[Base64.GetMaxEncodedToUtf8Length(NonceOctets)];
        Base64.EncodeToUtf8(random, _nonce, out _, out _);
        DigestChallenge.Write(output, _nonce, Realm, _offer, OwnBuffer, stale);
        return SaslStep.Continue;
    }

    private async ValueTask<SaslStep> OnResponseAsync(
        DigestResponse response, IBufferWriter<byte> output, bool again, CancellationToken cancellationToken)
    {
        if (Objection(response, again) is { } objection)
            return SaslStep.Fail(SaslError.InvalidCredentials, objection);
        if (!DigestText.TryRead(response.UserName.Span, response.IsUtf8, out string name)
            || !DigestText.TryRead(response.Realm.Span, response.IsUtf8, out string realm)
            || !DigestText.TryRead(response.AuthorizationId.GetValueOrDefault().Span, response.IsUtf8, out string authorizationId))
        {
            return SaslStep.Fail(SaslError.Malformed, "a name is not in the encoding that the client named");
        }
        SaslUser? user = await context.ResolveUserAsync(
            realm.Length == 0 || realm == Realm ? name : $"{name}@{realm}", cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");

        using var found = new PropertySet(s_wanted);
        bool exists = await context.LookupAsync(user, found, cancellationToken).ConfigureAwait(false);
        if (!IsProved(response, user, name, realm, exists, found, out string failure))
            return SaslStep.Fail(SaslError.InvalidCredentials, failure);
        return Conclude(response, output, again, user, authorizationId);
    }

    // Everything that can be said without knowing the user.
    private string? Objection(DigestResponse response, bool again)
    {
        if (!again && !CryptographicOperations.FixedTimeEquals(response.Nonce.Span, _nonce))
            return "the response is to another challenge";
        if (!again && response.NonceCount != 1)
            return "the nonce count of a first response is not 1";
        if (!_offer.Allows(response.Qop, response.Cipher))
            return "the protection chosen was not offered";
        if (response.Qop is not DigestQop.Auth && DigestLayer.RoomIn(response.MaxBuffer, response.Cipher) < 1)
            return "the client's buffer is too small for a layer";
        return IsForThisService(response.Uri.Span) ? null : "the response is for another service";
    }

    // The host is not compared: it is what the client dialled, and servers have many names (Cyrus SASL does the same).
    private bool IsForThisService(ReadOnlySpan<byte> uri)
    {
        int slash = uri.IndexOf((byte)'/');
        return slash > 0 && Ascii.EqualsIgnoreCase(uri[..slash], context.Service.Service);
    }

    private bool IsProved(
        DigestResponse response, SaslUser user, string name, string realm, bool exists, PropertySet found, out string failure)
    {
        Span<byte> secret = stackalloc byte[DigestComputation.HashLength];
        try
        {
            bool isFor = name == user.Name && realm == (user.Realm.Length > 0 ? user.Realm : Realm);
            if (exists && isFor && found.TryGet(DigestMd5Mechanism.Secret, out ReadOnlySpan<byte> stored) && stored.Length == secret.Length)
            {
                stored.CopyTo(secret);
                failure = "digest mismatch";
                return Matches(secret, response);
            }
            if (exists && found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> password) && !password.IsEmpty)
            {
                failure = "digest mismatch";
                return MatchesPassword(response, password, secret);
            }
            context.FillDecoy(user, "digest-md5"u8, secret);
            _ = Matches(secret, response);
            failure = "unknown user, or neither a password nor a digest stored";
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // RFC 2831 hashes what ISO 8859-1 can express in it; some clients hash the UTF-8 they send. For ASCII it is all the same.
    private bool MatchesPassword(DigestResponse response, ReadOnlySpan<byte> password, Span<byte> secret)
    {
        _computation.HashSecret(response.UserName.Span, response.Realm.Span, password, secret);
        if (Matches(secret, response))
            return true;
        if (Ascii.IsValid(response.UserName.Span) && Ascii.IsValid(response.Realm.Span) && Ascii.IsValid(password))
            return false;
        byte[] folded = DigestText.Fold(password);
        _computation.HashSecret(DigestText.Fold(response.UserName.Span), DigestText.Fold(response.Realm.Span), folded, secret);
        CryptographicOperations.ZeroMemory(folded);
        return Matches(secret, response);
    }

    private bool Matches(ReadOnlySpan<byte> secret, DigestResponse response)
    {
        _computation.HashSession(secret, response.Nonce.Span, response.ClientNonce.Span, response.AuthorizationId, _sessionKey);
        Span<byte> expected = stackalloc byte[DigestComputation.HexLength];
        Prove(response, ofServer: false, expected);
        bool matches = CryptographicOperations.FixedTimeEquals(expected, response.Digest.Span);
        CryptographicOperations.ZeroMemory(expected);
        return matches;
    }

    private void Prove(DigestResponse response, bool ofServer, Span<byte> hex) => _computation.Prove(
        _sessionKey, response.Nonce.Span, response.ClientNonce.Span, response.NonceCount, response.Qop, response.Uri.Span, ofServer, hex);

    private SaslStep Conclude(DigestResponse response, IBufferWriter<byte> output, bool again, SaslUser user, string authorizationId)
    {
        if (again && !Cache.TryAdvance(response))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the nonce count has been used already");
        if (!again && Remembers)
            Cache.Add(response, context.Clock.GetUtcNow());
        output.Write("rspauth="u8);
        Prove(response, ofServer: true, output.GetSpan(DigestComputation.HexLength)[..DigestComputation.HexLength]);
        output.Advance(DigestComputation.HexLength);
        if (response.Qop is not DigestQop.Auth)
            _layer = new DigestLayer(_computation, _sessionKey, response.Cipher, isServer: true, response.MaxBuffer, OwnBuffer);
        return SaslStep.Authenticated(user, authorizationId);
    }
}
