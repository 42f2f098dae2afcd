namespace Sasl;

/// <summary>What a server said when it refused an access token (RFC 7628 section 3.2.2); nothing where it refused without a reason. The server wrote it, so trust nothing in it:
/// above all, send no credential to an address in it that the client was not configured with.</summary>
/// <param name="Status">The error: <c>invalid_token</c>, <c>insufficient_scope</c>, for XOAUTH2 <c>401</c> and the like; null when there was none.</param>
/// <param name="Scope">The scopes a token needs; null when it did not say.</param>
/// <param name="OpenIdConfiguration">Where the issuer describes itself; null when it did not say.</param>
public sealed record SaslTokenRefusal(string? Status, string? Scope, string? OpenIdConfiguration);
