namespace Sasl.Mechanisms;

/// <summary>CRAM-MD5, RFC 2195. Legacy: a listener can try passwords, the server stores them in plain text, and nothing binds it to TLS.</summary>
internal static class CramMd5Mechanism
{
    public static readonly SaslMechanism CramMd5 = new("CRAM-MD5")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous,
        FirstMove = SaslFirstMove.Server,
        OnlyWhenNamed = true,
        MissingOnPlatform = PlatformMd5.Missing,
        ServerNeeds = SaslServerNeeds.CredentialStore,
        ClientNeeds = SaslClientNeeds.Password,
        Server = static context => new CramMd5Server(context),
        Client = static context => new CramMd5Client(context),
    };
}
