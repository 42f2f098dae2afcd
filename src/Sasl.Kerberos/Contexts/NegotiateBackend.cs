using System.Net;
using System.Net.Security;

namespace Sasl.Kerberos;

/// <summary>The framework's own Kerberos, for machines without a GSS library. It asks for no sequence protection and verifies no binding on
/// a server, so that there are no layers and no GS2; keytabs and caches are the system's.</summary>
internal sealed class NegotiateBackend : KerberosBackend
{
    public static readonly NegotiateBackend Instance = new();

    private const string KerberosPackage = "Kerberos";
    private const string NegotiatePackage = "Negotiate";

    /// <inheritdoc/>
    public override string WhyNoGs2 => "the platform's Kerberos cannot bind a server's side to the GS2 header";

    /// <inheritdoc/>
    public override KerberosContext OpenClient(KerberosRequest request) => new NegotiateContext(
        new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = PackageOf(request),
            TargetName = request.Options.ServicePrincipal ?? $"{request.Service}/{request.Host}",
            Credential = CredentialCache.DefaultNetworkCredentials,
            RequiredProtectionLevel = ProtectionLevel.Sign,
            RequireMutualAuthentication = true,
            AllowedImpersonationLevel = request.Wanted.HasFlag(GssFlags.Delegate)
                ? System.Security.Principal.TokenImpersonationLevel.Delegation
                : System.Security.Principal.TokenImpersonationLevel.Identification,
        }),
        GssUsage.Initiate);

    /// <inheritdoc/>
    public override KerberosContext OpenServer(KerberosRequest request) => new NegotiateContext(
        new NegotiateAuthentication(new NegotiateAuthenticationServerOptions
        {
            Package = PackageOf(request),
            Credential = CredentialCache.DefaultNetworkCredentials,
            RequiredProtectionLevel = ProtectionLevel.Sign,
        }),
        GssUsage.Accept);

    /// <inheritdoc/>
    public override KerberosSupport ProbeClient(KerberosOptions options) =>
        (options.CredentialCache ?? options.ClientKeytab) is null ? KerberosSupport.Available : NotSupported("credential cache or client keytab");

    /// <inheritdoc/>
    public override KerberosSupport ProbeServer(KerberosRequest request) =>
        request.Options.Keytab is null ? KerberosSupport.Available : NotSupported("keytab");

    private static string PackageOf(KerberosRequest request) => request.Negotiates ? NegotiatePackage : KerberosPackage;

    private static KerberosSupport NotSupported(string what) =>
        new(KerberosProblem.NotSupported, $"the platform's Kerberos cannot be told which {what} to use");
}
