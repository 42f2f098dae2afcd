namespace Sasl.Mechanisms;

/// <summary>EXTERNAL, RFC 4422 appendix A: the identity the transport has verified, such as a client certificate's.</summary>
internal static class ExternalMechanism
{
    public static readonly SaslMechanism External = new("EXTERNAL")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoDictionary,
        FirstMove = SaslFirstMove.Client,
        AllowsProxy = true,
        ServerNeeds = SaslServerNeeds.ExternalIdentity,
        ClientNeeds = SaslClientNeeds.ExternalIdentity,
        Server = static context => new ExternalServer(context),
        Client = static context => new ExternalClient(context),
    };
}
