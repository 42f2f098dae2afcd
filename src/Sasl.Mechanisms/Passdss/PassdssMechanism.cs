namespace Sasl.Mechanisms;

/// <summary>
/// PASSDSS-3DES-1, draft-newman-sasl-passdss-01 as Cyrus SASL speaks it. Legacy: a key agreement of 1024 bits and triple DES; and the server's signing key is
/// made for each login, so that nobody can know it: whoever sits in the middle gets the password. TLS does all of it better.
/// </summary>
internal static class PassdssMechanism
{
    public static readonly SaslMechanism Passdss = new("PASSDSS-3DES-1")
    {
        // Cyrus SASL's flags; its keys do not keep the promises of noactive and mutual_auth, nor do those here.
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoActive | SaslSecurityFlags.NoDictionary
            | SaslSecurityFlags.ForwardSecrecy | SaslSecurityFlags.PassCredentials | SaslSecurityFlags.MutualAuth,
        MaxSsf = PassdssProtection.PrivacySsf,
        AllowsProxy = true,
        OnlyWhenNamed = true,
        ServerNeeds = SaslServerNeeds.PasswordVerifier,
        ClientNeeds = SaslClientNeeds.Password,
        Server = static context => new PassdssServer(context),
        Client = static context => new PassdssClient(context),
    };
}
