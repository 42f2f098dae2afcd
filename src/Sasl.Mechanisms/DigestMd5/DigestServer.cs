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

    private readonly DigestProtection _offer = DigestProtection.Of(context.Layers, options.Ciphers);
    private readonly byte[] _secrets = new byte[2 * DigestComputation.HashLength];
    private byte[]? _nonce;    // null when the client answers without a challenge
    private DigestLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    private bool Remembers => options.ReauthenticationTimeout > TimeSpan.Zero;

    private DigestServerCache Cache => context.Shared(static () => new DigestServerCache());

    private string Realm => context.Service.Realm.Length > 0 ? context.Service.Realm : context.Service.ServerName;

    private Span<byte> SessionKey => _secrets.AsSpan(0, DigestComputation.HashLength);

    private Span<byte> OwnProof => _secrets.AsSpan(DigestComputation.HashLength);

    private int OwnBuffer => Math.Min(context.Layers.MaxBuffer, DigestProtection.MaxBuffer);

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_nonce is null && (input.IsEmpty || !Remembers))
            return new(Challenge(output, stale: false));
        if (DigestResponse.Parse(input.Span, out string? fault) is not { } response)
            return new(SaslStep.Fail(SaslError.Malformed, fault!));
        if (_nonce is not null)
            return OnResponseAsync(response, output, cancellationToken);
        return Cache.Knows(response, context.Clock.GetUtcNow() - options.ReauthenticationTimeout, out bool isStale)
            ? OnResponseAsync(response, output, cancellationToken)
            : new(Challenge(output, isStale));
    }

    protected override void Erase() => CryptographicOperations.ZeroMemory(_secrets);

    private SaslStep Challenge(IBufferWriter<byte> output, bool stale)
    {
        Span<byte> random = stackalloc byte[NonceOctets];
        context.Nonces.Fill(random);
        _nonce = new byte[Base64.GetMaxEncodedToUtf8Length(NonceOctets)];
        Base64.EncodeToUtf8(random, _nonce, out _, out _);
        DigestChallenge.Write(output, _nonce, Realm, _offer, OwnBuffer, stale);
        return SaslStep.Continue;
    }

    private ValueTask<SaslStep> OnResponseAsync(DigestResponse response, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (Objection(response) is { } objection)
            return new(SaslStep.Fail(SaslError.InvalidCredentials, objection));
        string name = response.RealmText.Length == 0 || response.RealmText == Realm ? response.UserText : $"{response.UserText}@{response.RealmText}";
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(name, cancellationToken);
        return resolving.IsCompletedSuccessfully
            ? LookUpAsync(resolving.Result, response, output, cancellationToken)
            : LookUpAsync(resolving, response, output, cancellationToken);
    }

    private async ValueTask<SaslStep> LookUpAsync(
        ValueTask<SaslUser?> resolving, DigestResponse response, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        await LookUpAsync(await resolving.ConfigureAwait(false), response, output, cancellationToken).ConfigureAwait(false);

    private ValueTask<SaslStep> LookUpAsync(SaslUser? user, DigestResponse response, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (user is null)
            return new(SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's"));
        var found = new PropertySet(s_wanted);
        ValueTask<bool> looking = context.LookupAsync(user, found, cancellationToken);
        if (!looking.IsCompletedSuccessfully)
            return ConcludeAsync(user, looking, found, response, output);
        using (found)
            return new(Conclude(user, looking.Result, found, response, output));
    }

    private async ValueTask<SaslStep> ConcludeAsync(
        SaslUser user, ValueTask<bool> looking, PropertySet found, DigestResponse response, IBufferWriter<byte> output)
    {
        using (found)
            return Conclude(user, await looking.ConfigureAwait(false), found, response, output);
    }

    // Everything that can be said without knowing the user.
    private string? Objection(DigestResponse response)
    {
        if (_nonce is not null && !CryptographicOperations.FixedTimeEquals(response.Nonce.Span, _nonce))
            return "the response is to another challenge";
        if (_nonce is not null && response.NonceCount != 1)
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

    private bool IsProved(DigestResponse response, SaslUser user, bool exists, PropertySet found, out string failure)
    {
        Span<byte> secret = stackalloc byte[DigestComputation.HashLength];
        try
        {
            failure = "digest mismatch";
            bool isFor = response.UserText == user.Name && response.RealmText == (user.Realm.Length > 0 ? user.Realm : Realm);
            if (exists && isFor && found.TryGet(DigestMd5Mechanism.Secret, out ReadOnlySpan<byte> stored) && stored.Length == secret.Length)
            {
                stored.CopyTo(secret);
                return Matches(secret, response);
            }
            if (exists && found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> password) && !password.IsEmpty)
                return MatchesPassword(response, password, secret);
            failure = "unknown user, or neither a password nor a digest stored";
            _ = MatchesPassword(response, "the same work as for a password"u8, secret);
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
        DigestComputation.HashSecret(response.UserName.Span, response.Realm.Span, password, secret);
        if (Matches(secret, response))
            return true;
        if (Ascii.IsValid(response.UserName.Span) && Ascii.IsValid(response.Realm.Span) && Ascii.IsValid(password))
            return false;
        DigestComputation.HashFoldedSecret(response.UserName.Span, response.Realm.Span, password, secret);
        return Matches(secret, response);
    }

    private bool Matches(ReadOnlySpan<byte> secret, DigestResponse response)
    {
        DigestComputation.HashSession(secret, response.Nonce.Span, response.ClientNonce.Span, response.AuthorizationId, SessionKey);
        Span<byte> expected = stackalloc byte[DigestComputation.HashLength];
        Span<byte> sent = stackalloc byte[DigestComputation.HashLength];
        DigestComputation.Prove(
            SessionKey, response.Nonce.Span, response.ClientNonce.Span, response.NonceCount, response.Qop, response.Uri.Span, expected, OwnProof);
        bool matches = DigestProof.TryRead(response.Digest.Span, sent) && CryptographicOperations.FixedTimeEquals(expected, sent);
        CryptographicOperations.ZeroMemory(expected);
        return matches;
    }

    private SaslStep Conclude(SaslUser user, bool exists, PropertySet found, DigestResponse response, IBufferWriter<byte> output)
    {
        if (!IsProved(response, user, exists, found, out string failure))
            return SaslStep.Fail(SaslError.InvalidCredentials, failure);
        if (_nonce is null && !Cache.TryAdvance(response))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the nonce count has been used already");
        if (_nonce is not null && Remembers)
            Cache.Add(response, context.Clock.GetUtcNow());
        DigestProof.Write(output, "rspauth="u8, OwnProof);
        if (response.Qop is not DigestQop.Auth)
            _layer = new DigestLayer(SessionKey, response.Cipher, isServer: true, response.MaxBuffer, OwnBuffer);
        return SaslStep.Authenticated(user, response.AuthorizationText);
    }
}
