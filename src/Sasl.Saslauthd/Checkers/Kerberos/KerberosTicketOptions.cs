namespace Sasl.Saslauthd;

/// <summary>What kind of ticket is asked for: one of a few minutes that is good for nothing but the check.</summary>
internal sealed class KerberosTicketOptions : KerberosResource
{
    private const int LifetimeSeconds = 300;

    private KerberosTicketOptions(KerberosContext context, nint handle)
        : base(context, handle)
    {
    }

    /// <exception cref="KerberosException">There is no memory.</exception>
    public static KerberosTicketOptions Create(KerberosContext context)
    {
        context.Require(KerberosLibrary.MakeTicketOptions(context, out nint handle), "no ticket can be asked for");
        var options = new KerberosTicketOptions(context, handle);
        KerberosLibrary.SetLifetime(options, LifetimeSeconds);
        KerberosLibrary.SetRenewableLifetime(options, 0);
        KerberosLibrary.SetForwardable(options, 0);
        KerberosLibrary.SetProxiable(options, 0);
        return options;
    }

    /// <inheritdoc/>
    protected override void Free(nint context, nint resource) => KerberosLibrary.FreeTicketOptions(context, resource);
}
