namespace Sasl.Saslauthd;

/// <summary>The host's own keys.</summary>
internal sealed unsafe class KerberosKeytab : KerberosResource
{
    // krb5_keytab_entry has 48 octets on a 64-bit machine.
    private const int EntryLength = 128;

    private KerberosKeytab(KerberosContext context, nint handle)
        : base(context, handle)
    {
    }

    /// <summary>Names a keytab; whether it is there shows in <see cref="RequireKey"/>.</summary>
    /// <param name="context">The context.</param>
    /// <param name="name">The file, or <c>TYPE:name</c>; null for the one of krb5.conf or the environment.</param>
    /// <exception cref="KerberosException">There is no such kind of keytab.</exception>
    public static KerberosKeytab Open(KerberosContext context, string? name)
    {
        int code = name is null
            ? KerberosLibrary.OpenDefaultKeytab(context, out nint handle)
            : KerberosLibrary.OpenKeytab(context, name, out handle);
        context.Require(code, $"the keytab {name ?? "of krb5.conf"} cannot be used");
        return new KerberosKeytab(context, handle);
    }

    /// <summary>Throws unless the keytab has a key of a principal.</summary>
    /// <exception cref="KerberosException">It is not there, may not be read, or has no such key.</exception>
    public void RequireKey(KerberosContext context, KerberosPrincipal principal)
    {
        using var entry = new ErasedMemory(EntryLength);
        int code = KerberosLibrary.FindKey(context, this, principal, version: 0, kind: 0, entry.Pointer);
        context.Require(code, $"the key of {principal}, by which the KDC is proved to be the right one, cannot be read");
        _ = KerberosLibrary.EraseKey(context, entry.Pointer);
    }

    /// <inheritdoc/>
    protected override void Free(nint context, nint resource) => _ = KerberosLibrary.CloseKeytab(context, resource);
}
