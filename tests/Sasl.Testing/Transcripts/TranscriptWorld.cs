using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Testing;

/// <summary>What surrounds a conversation, as its transcript says: one user in one store, fixed nonces, a stopped clock.</summary>
internal sealed class TranscriptWorld(Transcript transcript)
    : TimeProvider, IWritableCredentialStore, IPasswordVerifier, ITokenValidator, IAuthorizer
{
    private readonly (string Name, string Password) _user = transcript.Pair("user") ?? ("", "");
    private readonly Dictionary<string, byte[]> _replaced = [];    // by property, what exchanges have written

    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(transcript["clock"] ?? "0", CultureInfo.InvariantCulture));

    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        if (user.Name != _user.Name)
            return new(false);
        foreach (string stored in transcript.All("stored"))
        {
            (string name, string value) = Transcript.Cut(stored);
            properties.Add(name, Current(name, value));
        }
        if (transcript["stored"] is null)
            properties.Add(SaslProperty.UserPassword.Name, Encoding.UTF8.GetBytes(_user.Password));
        return new(true);
    }

    public ValueTask<bool> TryReplaceAsync(
        SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken)
    {
        (string Name, string Value)? stored = transcript.All("stored").Select(Transcript.Cut).Where(pair => pair.First == property).Cast<(string, string)?>().FirstOrDefault();
        if (user.Name != _user.Name || stored is not { } pair || expected is not { } octets || !octets.Span.SequenceEqual(Current(property, pair.Value)))
            return new(false);
        _replaced[property] = replacement?.ToArray() ?? [];
        return new(true);
    }

    public ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken) =>
        throw new NotSupportedException("No exchange stores whole users.");

    public ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken) =>
        throw new NotSupportedException("No exchange removes users.");

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

    private byte[] Current(string property, string stored) => _replaced.GetValueOrDefault(property) ?? Encoding.UTF8.GetBytes(stored);

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
