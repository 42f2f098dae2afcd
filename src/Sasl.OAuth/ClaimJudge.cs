using System.Collections.Immutable;
using System.Text.Json;

namespace Sasl.OAuth;

/// <summary>Judges what a token says: the payload of a JSON web token, or an introspection's answer. Both have the same claims (RFC 7519 section 4.1, RFC 7662 section 2.2).</summary>
/// <param name="rules">What it must say.</param>
/// <param name="isSelfContained">Whether nobody but the token says that it is valid: it must then say until when, and who issued it for whom.</param>
internal sealed class ClaimJudge(TokenRules rules, bool isSelfContained)
{
    /// <summary>The deepest JSON that is read.</summary>
    public const int MaxDepth = 16;

    /// <summary>The most claims that are passed on.</summary>
    public const int MaxClaims = 64;

    /// <summary>The longest claim that is passed on, in characters. A longer one counts as missing.</summary>
    public const int MaxClaimLength = 1024;

    private const long LatestTime = 253_402_300_799;    // the last second of the year 9999

    /// <summary>How JSON is read: two members of one name could mean one thing here and another there.</summary>
    public static JsonDocumentOptions Json { get; } = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    public TokenVerdict Judge(JsonElement token, DateTimeOffset now)
    {
        if (token.ValueKind is not JsonValueKind.Object)
            return TokenVerdict.Invalid("the token's claims are no JSON object");
        if (Fault(token, now, out DateTimeOffset? expires) is { } fault)
            return TokenVerdict.Invalid(fault);
        ImmutableArray<string> scopes = ScopesOf(token);
        if (!rules.Scopes.All(scope => scopes.Contains(scope, StringComparer.Ordinal)))
            return TokenVerdict.InsufficientScope("the token lacks a scope that is needed");
        if (TextOf(token, rules.UserNameClaim) is not { Length: > 0 } name)
            return TokenVerdict.Invalid("the token lacks the claim that names the user");
        return TokenVerdict.Valid(new TokenGrant(name)
        {
            Scope = scopes.IsEmpty ? null : string.Join(' ', scopes),
            Expires = expires,
            Claims = ClaimsOf(token),
        });
    }

    private string? Fault(JsonElement token, DateTimeOffset now, out DateTimeOffset? expires)
    {
        if (!TryTime(token, "exp", out expires) || !TryTime(token, "nbf", out DateTimeOffset? notBefore) || !TryTime(token, "iat", out DateTimeOffset? issued))
            return "one of the token's times is none";
        if (expires is null && isSelfContained)
            return "the token does not say when it expires";
        if (expires + rules.ClockSkew <= now)
            return "the token has expired";
        if (notBefore - rules.ClockSkew > now || issued - rules.ClockSkew > now)
            return "the token is not valid yet";
        // The token is bound to a key or a certificate (RFC 7800), and whoever only bears it has not shown that one.
        if (token.TryGetProperty("cnf", out _))
            return "the token is bound to a key";
        if (!IsIssuer(token))
            return "another issuer has issued the token";
        if (!IsAudience(token))
            return "the token is for somebody else";
        return rules.UserNameClaim == "email" && token.TryGetProperty("email_verified", out JsonElement verified)
            && !(verified.ValueKind is JsonValueKind.True || (verified.ValueKind is JsonValueKind.String && verified.ValueEquals("true")))
            ? "the token's address is not verified" : null;
    }

    // Whom an administrator asks about tokens has issued them, and need not say so.
    private bool IsIssuer(JsonElement token) => rules.Issuer is null
        || (!isSelfContained && !token.TryGetProperty("iss", out _))
        || TextOf(token, "iss") == rules.Issuer;

    private bool IsAudience(JsonElement token)
    {
        if (rules.Audiences.IsEmpty)
            return true;
        if (!token.TryGetProperty("aud", out JsonElement audience))
            return false;
        return audience.ValueKind is JsonValueKind.Array
            ? audience.EnumerateArray().Any(one => IsOneOf(one, rules.Audiences))
            : IsOneOf(audience, rules.Audiences);
    }

    private static bool IsOneOf(JsonElement text, ImmutableArray<string> wanted) =>
        text.ValueKind is JsonValueKind.String && wanted.Contains(text.GetString()!, StringComparer.Ordinal);

    // A time is seconds of the Unix epoch, perhaps with a fraction (RFC 7519 section 2).
    private static bool TryTime(JsonElement token, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!token.TryGetProperty(name, out JsonElement claim))
            return true;
        if (claim.ValueKind is not JsonValueKind.Number || !claim.TryGetDouble(out double seconds) || !(seconds is >= 0 and <= LatestTime))
            return false;
        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    private static ImmutableArray<string> ScopesOf(JsonElement token)
    {
        if (!token.TryGetProperty("scope", out JsonElement scope) && !token.TryGetProperty("scp", out scope))
            return [];
        return scope.ValueKind switch
        {
            JsonValueKind.String => [.. scope.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            JsonValueKind.Array => [.. scope.EnumerateArray().Where(static one => one.ValueKind is JsonValueKind.String).Select(static one => one.GetString()!)],
            _ => [],
        };
    }

    private static string? TextOf(JsonElement token, string name) =>
        token.TryGetProperty(name, out JsonElement claim) && claim.ValueKind is JsonValueKind.String
        && claim.GetString() is { Length: <= MaxClaimLength } text ? text : null;

    private static Dictionary<string, string> ClaimsOf(JsonElement token)
    {
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty claim in token.EnumerateObject())
        {
            string text = claim.Value.ValueKind is JsonValueKind.String ? claim.Value.GetString()! : claim.Value.GetRawText();
            if (claims.Count < MaxClaims && text.Length <= MaxClaimLength)
                claims[claim.Name] = text;
        }
        return claims;
    }
}
