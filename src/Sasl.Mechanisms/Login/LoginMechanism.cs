namespace Sasl.Mechanisms;

/// <summary>LOGIN (draft-murchison-sasl-login-00, obsolete): name and password in two messages, for clients that know nothing else.</summary>
internal static class LoginMechanism
{
    public static readonly SaslMechanism Login = new("LOGIN")
    {
        Security = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.PassCredentials,
        FirstMove = SaslFirstMove.Either,
        ServerNeeds = SaslServerNeeds.PasswordVerifier,
        ClientNeeds = SaslClientNeeds.Password,
        Server = static context => new LoginServer(context),
        Client = static context => new LoginClient(context),
    };
}
