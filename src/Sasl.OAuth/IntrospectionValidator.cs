using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sasl.OAuth;

/// <summary>Asks the issuer about every token (RFC 7662): for tokens that only the issuer can read, and where one that was revoked must not work a minute longer.</summary>
/// <remarks>An answer is not kept unless <see cref="IntrospectionValidatorOptions.CacheLifetime"/> is set. Whatever is not a plain yes or no, a wrong client secret included, is a temporary failure. Thread-safe.</remarks>
public sealed class IntrospectionValidator : ITokenValidator, IDisposable
{
    private const string Name = "introspection";
    private const string RememberedName = "introspection, remembered";
    private const string What = "the introspection endpoint";

    private readonly IntrospectionValidatorOptions _options;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly ClaimJudge _judge;
    private readonly TokenHttp _http;
    private readonly TokenCache? _cache;

    /// <summary>Checks the options. Nobody is asked before the first token comes.</summary>
    /// <param name="options">Who is asked.</param>
    /// <exception cref="ArgumentException">The options cannot work; the message says why.</exception>
    public IntrospectionValidator(IntrospectionValidatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        _options = options;
        _authorization = Authorization(options);
        _judge = new ClaimJudge(options.Rules, isSelfContained: false);
        _http = new TokenHttp(options.Http);
        _cache = options.CacheLifetime > TimeSpan.Zero ? new TokenCache(options.CacheLifetime, options.CacheSize, options.Clock) : null;
        Discovery = new TokenDiscovery { Scope = options.Rules.ScopeText, OpenIdConfiguration = options.OpenIdConfiguration };
    }

    /// <inheritdoc/>
    public TokenDiscovery Discovery { get; }

    /// <inheritdoc/>
    public async ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        if (token.Length > _options.MaxTokenLength)
            return TokenVerdict.Invalid("the token is longer than the configured limit") with { DecidedBy = Name };
        if (_cache?.Find(token.Span) is { } remembered)
            return TokenVerdict.Valid(remembered) with { DecidedBy = RememberedName };
        DateTimeOffset asked = _options.Clock.GetUtcNow();
        TokenVerdict verdict = Judge(await AskAsync(token, cancellationToken).ConfigureAwait(false));
        if (verdict.Grant is { } grant)
            _cache?.Keep(token.Span, grant, asked);
        return verdict with { DecidedBy = Name };
    }

    /// <summary>Closes the connections to the issuer.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<byte[]> AskAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        byte[] form = Form(token.Span);
        try
        {
            using var content = new ByteArrayContent(form);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            var request = new HttpRequestMessage(HttpMethod.Post, _options.Address) { Content = content };
            request.Headers.Authorization = _authorization;
            return await _http.SendAsync(request, What, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(form);
        }
    }

    private TokenVerdict Judge(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer, ClaimJudge.Json);
            JsonElement root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty("active", out JsonElement active))
            {
                if (active.ValueKind is JsonValueKind.False)
                    return TokenVerdict.Invalid("the issuer says that the token is not active");
                if (active.ValueKind is JsonValueKind.True)
                    return _judge.Judge(root, _options.Clock.GetUtcNow());
            }
        }
        catch (JsonException exception)
        {
            throw new SaslUnavailableException($"{What}: the answer is no JSON, or has a member twice", exception);
        }
        throw new SaslUnavailableException($"{What}: the answer does not say whether the token is active");
    }

    // A token has letters, digits and -._~ that a form takes as they are, and +/= that it does not.
    private static byte[] Form(ReadOnlySpan<byte> token)
    {
        using var form = new SecureBufferWriter();
        form.Write("token="u8);
        foreach (byte octet in token)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                form.Write([octet]);
            else
                form.Write(Encoding.ASCII.GetBytes($"%{octet:X2}"));
        }
        form.Write("&token_type_hint=access_token"u8);
        return form.WrittenSpan.ToArray();
    }

    private static AuthenticationHeaderValue? Authorization(IntrospectionValidatorOptions options)
    {
        if (options.ClientId is not { } name)
            return null;
        string secret = options.ClientSecret is null ? "" : Encoding.UTF8.GetString(options.ClientSecret.Span);
        return new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(secret)}")));
    }
}
