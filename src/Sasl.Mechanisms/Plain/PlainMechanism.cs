namespace Sasl.Mechanisms;

/// <summary>PLAIN, RFC 4616: the password itself, in one message. For use inside TLS.</summary>
internal static class PlainMechanism
{
    public static readonly SaslMechanism Plain = new("PLAIN")
    {
        Security = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.PassCredentials,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        ServerNeeds = SaslServerNeeds.PasswordVerifier,
        ClientNeeds = SaslClientNeeds.Password,
        Server = static context => new PlainServer(context),
        Client = static context => new PlainClient(context),
    };
}
