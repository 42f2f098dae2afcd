using System.Security.Cryptography;

#pragma warning disable CA5351 // NTLM is MD4, DES and MD5 and nothing else; the mechanism is offered only where a list names it.

namespace Sasl.Mechanisms;

/// <summary>NTLM, MS-NLMP, as Cyrus SASL speaks it. Legacy: a listener can try passwords, fast; what is stored is the password; nothing binds it to TLS.</summary>
internal static class NtlmMechanism
{
    /// <summary>With the default options.</summary>
    public static readonly SaslMechanism Default = Make(NtlmOptions.Default);

    public static SaslMechanism Create(NtlmOptions options)
    {
        options.ThrowIfInvalid();
        return options == NtlmOptions.Default ? Default : Make(options);
    }

    private static SaslMechanism Make(NtlmOptions options) => new("NTLM")
    {
        Security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous,
        OnlyWhenNamed = true,
        MissingOnPlatform = PlatformMd5.Missing,
        ServerNeeds = SaslServerNeeds.CredentialStore,
        ClientNeeds = SaslClientNeeds.Password,
        Server = context => new NtlmServer(context, options),
        Client = context => new NtlmClient(context, options),
    };
}
