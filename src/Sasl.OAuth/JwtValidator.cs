using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sasl.OAuth;

/// <summary>Validates access tokens that are JSON web tokens (RFC 7519, RFC 8725, RFC 9068) with the public keys of their issuer.</summary>
/// <remarks>
/// Nothing in a token chooses how it is checked: the algorithm has to be in a list of those with public keys, the key is one of the issuer's that
/// fits it, and keys or addresses in the token's header are not looked at. Signature, algorithm, issuer and audience are checked by
/// Microsoft.IdentityModel; times, scopes and names here, as in introspection. Thread-safe.
/// </remarks>
public sealed class JwtValidator : ITokenValidator, IDisposable
{
    private const string Name = "jwt";
    private const int MaxKeyFileLength = TokenHttp.MaxAnswerLength;
    private const int Parts = 3;

    // RFC 9068 section 2.1; most issuers still say JWT or nothing.
    private static readonly string[] s_types = ["at+jwt", "application/at+jwt", "JWT", "application/jwt"];

    private readonly JwtValidatorOptions _options;
    private readonly JsonWebTokenHandler _handler;
    private readonly ClaimJudge _judge;
    private readonly JwtKeySource _keys;
    private readonly TokenHttp _http;

    /// <summary>Checks the options. The keys are read when the first token comes.</summary>
    /// <param name="options">Which tokens are taken.</param>
    /// <exception cref="ArgumentException">The options cannot work; the message says why.</exception>
    public JwtValidator(JwtValidatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        _options = options;
        _http = new TokenHttp(options.Http);
        _handler = new JsonWebTokenHandler { MaximumTokenSizeInBytes = options.MaxTokenLength, MapInboundClaims = false };
        _judge = new ClaimJudge(options.Rules with { Issuer = options.Issuer, Audiences = options.Audiences }, isSelfContained: true);
        _keys = new JwtKeySource(options, ReadKeysAsync);
        Discovery = new TokenDiscovery
        {
            Scope = options.Rules.ScopeText,
            OpenIdConfiguration = options.OpenIdConfiguration ?? options.DiscoveryAddress?.AbsoluteUri,
        };
    }

    /// <inheritdoc/>
    public TokenDiscovery Discovery { get; }

    /// <inheritdoc/>
    public async ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        TokenVerdict verdict = await JudgeAsync(token, cancellationToken).ConfigureAwait(false);
        return verdict with { DecidedBy = Name };
    }

    /// <summary>Closes the connections to the issuer.</summary>
    public void Dispose()
    {
        _keys.Dispose();
        _http.Dispose();
    }

    private async ValueTask<TokenVerdict> JudgeAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (octets.Length > _options.MaxTokenLength)
            return TokenVerdict.Invalid("the token is longer than the configured limit");
        if (Read(octets) is not { } token)
            return TokenVerdict.Invalid("not a signed JSON web token");
        if (HeaderFault(token) is { } fault)
            return TokenVerdict.Invalid(fault);

        string? key = string.IsNullOrEmpty(token.Kid) ? null : token.Kid;
        IReadOnlyList<SecurityKey> keys = await _keys.FindAsync(key, token.Alg, cancellationToken).ConfigureAwait(false);
        if (keys.Count == 0)
            return TokenVerdict.Invalid("the issuer has no such key for the token's algorithm");
        if (await CheckAsync(token, keys).ConfigureAwait(false) is { } wrong)
            return TokenVerdict.Invalid(wrong);
        using JsonDocument? claims = ReadClaims(octets);
        return claims is null
            ? TokenVerdict.Invalid("the token's claims are no JSON, or one of them stands twice")
            : _judge.Judge(claims.RootElement, _options.Clock.GetUtcNow());
    }

    private static JsonWebToken? Read(ReadOnlyMemory<byte> octets)
    {
        // Two points make a signed token, four an encrypted one, which nobody here could read.
        if (octets.Span.Count((byte)'.') != Parts - 1)
            return null;
        try
        {
            return new JsonWebToken(Encoding.ASCII.GetString(octets.Span));
        }
#pragma warning disable CA1031 // Whatever the library throws at a text that anybody may send: it is no token.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private string? HeaderFault(JsonWebToken token)
    {
        if (!_options.Algorithms.Contains(token.Alg, StringComparer.Ordinal))
            return "the token's algorithm is not allowed";
        if (token.TryGetHeaderValue("crit", out object? _))
            return "the token has extensions that must be understood";
        return !string.IsNullOrEmpty(token.Typ) && !s_types.Contains(token.Typ, StringComparer.OrdinalIgnoreCase) ? "the token is of another type" : null;
    }

    private async ValueTask<string?> CheckAsync(JsonWebToken token, IReadOnlyList<SecurityKey> keys)
    {
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = _options.Issuer,
            ValidAudiences = _options.Audiences,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidAlgorithms = _options.Algorithms,
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            ValidateLifetime = false,    // with a clock that can be set, below
            ValidateIssuerSigningKey = true,
        }).ConfigureAwait(false);
        return result.IsValid ? null : result.Exception switch
        {
            SecurityTokenInvalidIssuerException => "another issuer has issued the token",
            SecurityTokenInvalidAudienceException => "the token is for somebody else",
            SecurityTokenInvalidAlgorithmException => "the token's algorithm is not allowed",
            _ => "the token's signature is wrong",
        };
    }

    private static JsonDocument? ReadClaims(ReadOnlyMemory<byte> octets)
    {
        ReadOnlySpan<byte> rest = octets.Span[(octets.Span.IndexOf((byte)'.') + 1)..];
        try
        {
            return JsonDocument.Parse(Base64Url.DecodeFromUtf8(rest[..rest.IndexOf((byte)'.')]), ClaimJudge.Json);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    private async Task<byte[]> ReadKeysAsync(CancellationToken cancellationToken)
    {
        if (_options.KeyFile is { } file)
            return await ReadFileAsync(file, cancellationToken).ConfigureAwait(false);
        Uri address = _options.KeyAddress ?? await DiscoverAsync(_options.DiscoveryAddress!, cancellationToken).ConfigureAwait(false);
        return await _http.GetAsync(address, "the issuer's keys", cancellationToken).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (file.ConfigureAwait(false))
        {
            byte[] octets = new byte[MaxKeyFileLength + 1];
            int length = await file.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return length <= MaxKeyFileLength ? octets[..length] : throw new SaslUnavailableException("the file with the issuer's keys is too long");
        }
    }

    private async Task<Uri> DiscoverAsync(Uri address, CancellationToken cancellationToken)
    {
        byte[] json = await _http.GetAsync(address, "the issuer's discovery document", cancellationToken).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, ClaimJudge.Json);
            JsonElement root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object
                && root.TryGetProperty("issuer", out JsonElement issuer) && issuer.ValueKind is JsonValueKind.String && issuer.ValueEquals(_options.Issuer)
                && root.TryGetProperty("jwks_uri", out JsonElement keys) && keys.ValueKind is JsonValueKind.String
                && Uri.TryCreate(keys.GetString(), UriKind.Absolute, out Uri? found) && TokenHttp.IsAllowed(found))
            {
                return found;
            }
        }
        catch (JsonException exception)
        {
            throw new SaslUnavailableException("the issuer's discovery document is no JSON", exception);
        }
        throw new SaslUnavailableException("the issuer's discovery document names another issuer, or no address of keys that may be asked");
    }
}
