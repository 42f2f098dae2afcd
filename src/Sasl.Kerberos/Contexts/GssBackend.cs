namespace Sasl.Kerberos;

/// <summary>The system's GSS library.</summary>
internal sealed class GssBackend : KerberosBackend
{
    public static readonly GssBackend Instance = new();

    /// <inheritdoc/>
    public override string? WhyNoGs2 => null;

    /// <inheritdoc/>
    public override KerberosContext OpenClient(KerberosRequest request)
    {
        GssName target = GssName.ImportService(request.ServiceName ?? $"{request.Service}@{request.Host}");
        GssCredential? credential = null;
        try
        {
            using GssStore store = StoreOfClient(request.Options);
            credential = GssCredential.Acquire(name: null, GssUsage.Initiate, request.Negotiates, store);
            if (request.Negotiates && !request.Wanted.HasFlag(GssFlags.Confidentiality))
                credential.PromiseNoProtection();
            return new GssInitiator(request, credential, target);
        }
        catch
        {
            credential?.Dispose();
            target.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override KerberosContext OpenServer(KerberosRequest request) => new GssAcceptor(request, AcquireKeys(request));

    /// <inheritdoc/>
    public override KerberosSupport ProbeClient(KerberosOptions options)
    {
        if (!GssLibrary.ChoosesStores && (options.CredentialCache ?? options.ClientKeytab) is not null)
            return NotSupported("credential cache or a client keytab");
        try
        {
            FindTickets(options);
            return KerberosSupport.Available;
        }
        catch (GssException problem)
        {
            return KerberosSupport.Of(problem, GssUsage.Initiate);
        }
    }

    /// <inheritdoc/>
    public override KerberosSupport ProbeServer(KerberosRequest request)
    {
        if (!GssLibrary.ChoosesStores && request.Options.Keytab is not null)
            return NotSupported("keytab");
        try
        {
            using GssCredential keys = AcquireKeys(request);
            return KerberosSupport.Available;
        }
        catch (GssException problem)
        {
            return KerberosSupport.Of(problem, GssUsage.Accept);
        }
    }

    /// <summary>Throws unless a client has tickets that are still good, with Kerberos's own reason.</summary>
    /// <exception cref="GssException">It has none.</exception>
    internal static void FindTickets(KerberosOptions options)
    {
        using GssStore store = StoreOfClient(options);
        using GssCredential credential = GssCredential.Acquire(name: null, GssUsage.Initiate, negotiates: false, store);
        if (credential.FindLifetime() == 0)
            throw new GssException(GssStatus.CredentialsExpired, isLocal: true);
    }

    private static KerberosSupport NotSupported(string what) =>
        new(KerberosProblem.NotSupported, $"the GSS library cannot be told which {what} to use");

    private static GssStore StoreOfClient(KerberosOptions options) =>
        new(("ccache", options.CredentialCache), ("client_keytab", options.ClientKeytab));

    private static GssCredential AcquireKeys(KerberosRequest request)
    {
        using GssName? name = request.ServiceName is { } service ? GssName.ImportService(service) : null;
        using var store = new GssStore(("keytab", request.Options.Keytab));
        return GssCredential.Acquire(name, GssUsage.Accept, request.Negotiates, store);
    }
}
