namespace Sasl.Mechanisms;

/// <summary>OAUTHBEARER, RFC 7628, and XOAUTH2, which Google made before it: an access token instead of a password. For use inside TLS.</summary>
/// <remarks>The token is shown to the server, so the flags are PLAIN's: outside an encrypted channel the default policy hides both.</remarks>
internal static class OAuthMechanisms
{
    private const SaslSecurityFlags Flags = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.PassCredentials;

    public static readonly SaslMechanism Bearer = new("OAUTHBEARER")
    {
        Security = Flags,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        ServerNeeds = SaslServerNeeds.TokenValidator,
        ClientNeeds = SaslClientNeeds.AccessToken,
        Server = static context => new OAuthServer(context, OAuthDialect.Bearer),
        Client = static context => new OAuthClient(context, OAuthDialect.Bearer),
    };

    public static readonly SaslMechanism XOAuth2 = new("XOAUTH2")
    {
        Security = Flags,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        ServerNeeds = SaslServerNeeds.TokenValidator,
        ClientNeeds = SaslClientNeeds.AccessToken | SaslClientNeeds.UserName,
        Server = static context => new OAuthServer(context, OAuthDialect.XOAuth2),
        Client = static context => new OAuthClient(context, OAuthDialect.XOAuth2),
    };
}
