using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Testing;

/// <summary>What surrounds a conversation, as its transcript says: one user in one store, fixed nonces, a stopped clock.</summary>
internal sealed class TranscriptWorld(Transcript transcript) : TimeProvider, ICredentialStore, IPasswordVerifier, ITokenValidator, IAuthorizer
{
    private readonly (string Name, string Password) _user = transcript.Pair("user") ?? ("", "");

    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(transcript["clock"] ?? "0", CultureInfo.InvariantCulture));

    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        if (user.Name != _user.Name)
            return new(false);
        foreach (string stored in transcript.All("stored"))
        {
            (string name, string value) = Transcript.Cut(stored);
            properties.Add(name, Encoding.UTF8.GetBytes(value));
        }
        if (transcript["stored"] is null)
            properties.Add(SaslProperty.UserPassword.Name, Encoding.UTF8.GetBytes(_user.Password));
        return new(true);
    }

    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken) => new(
        user.Name != _user.Name ? PasswordOutcome.UnknownUser
        : CryptographicOperations.FixedTimeEquals(password.Span, Encoding.UTF8.GetBytes(_user.Password)) ? PasswordOutcome.Match
        : PasswordOutcome.Mismatch);

    public TokenDiscovery Discovery => new() { Scope = transcript["scope"], OpenIdConfiguration = transcript["openid-configuration"] };

    public ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        foreach ((string known, string user) in transcript.All("grants").Select(Transcript.Cut))
        {
            if (CryptographicOperations.FixedTimeEquals(token.Span, Encoding.ASCII.GetBytes(known)))
                return new(user.Length == 0 ? TokenVerdict.InsufficientScope() : TokenVerdict.Valid(new TokenGrant(user)));
        }
        return new(TokenVerdict.Invalid());
    }

    public ValueTask<bool> MayActAsAsync(
        SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken) =>
        new(authenticated == requested || transcript["may-act"] == "yes");

    /// <summary>The same nonce every time.</summary>
    internal sealed class Nonces(string nonce) : SaslNonceSource
    {
        public override void Fill(Span<byte> destination)
        {
            for (int i = 0; i < destination.Length; i++)
                destination[i] = (byte)nonce[i % nonce.Length];
        }

        public override void WriteNonce(IBufferWriter<byte> output) => output.Write(Encoding.ASCII.GetBytes(nonce));
    }
}
