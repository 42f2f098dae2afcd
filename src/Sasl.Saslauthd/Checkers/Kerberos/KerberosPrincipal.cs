namespace Sasl.Saslauthd;

/// <summary>A name in Kerberos.</summary>
internal sealed unsafe class KerberosPrincipal : KerberosResource
{
    private readonly KerberosContext _context;

    private KerberosPrincipal(KerberosContext context, nint handle)
        : base(context, handle) => _context = context;

    /// <summary>Reads <c>name[/instance][@REALM]</c>. Null when it is no principal's name.</summary>
    public static KerberosPrincipal? Parse(KerberosContext context, string name) =>
        KerberosLibrary.ParseName(context, name, out nint handle) == 0 ? new KerberosPrincipal(context, handle) : null;

    /// <summary>The principal of a service on a host, the name of which is completed as krb5.conf says.</summary>
    /// <param name="context">The context.</param>
    /// <param name="service">The service, such as <c>host</c>.</param>
    /// <param name="host">The host; null for this machine.</param>
    /// <exception cref="KerberosException">The host has no name.</exception>
    public static KerberosPrincipal OfService(KerberosContext context, string service, string? host)
    {
        int code = KerberosLibrary.FindServicePrincipal(context, host, service, KerberosLibrary.ServiceOnHost, out nint handle);
        context.Require(code, $"the principal of {service} on {host ?? "this machine"} cannot be found");
        return new KerberosPrincipal(context, handle);
    }

    /// <summary>The realm, for comparing: what is behind the last <c>@</c> of the whole name.</summary>
    public string Realm => ToString() is var name && name.LastIndexOf('@') is var at and >= 0 ? name[(at + 1)..] : "";

    /// <summary>The name, for the administrator.</summary>
    public override string ToString()
    {
        if (KerberosLibrary.WriteName(_context, this, out byte* name) != 0)
            return "a principal";
        string text = NativeText.Read(name);
        KerberosLibrary.FreeName(_context, name);
        return text;
    }

    /// <inheritdoc/>
    protected override void Free(nint context, nint resource) => KerberosLibrary.FreePrincipal(context, resource);
}
