using System.Runtime.InteropServices;

namespace Sasl.Kerberos;

/// <summary>Tickets or keys, as the library has them.</summary>
internal sealed unsafe class GssCredential : SafeHandle
{
    /// <summary>Takes a credential that the library gave.</summary>
    public GssCredential(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Finds tickets or keys.</summary>
    /// <param name="name">Whose; null for whoever is at home.</param>
    /// <param name="usage">To log in or to let in.</param>
    /// <param name="negotiates">Whether they serve SPNEGO, which then may use nothing but Kerberos.</param>
    /// <param name="store">Where they are.</param>
    /// <exception cref="GssException">There are none.</exception>
    public static GssCredential Acquire(GssName? name, GssUsage usage, bool negotiates, GssStore store)
    {
        if (!negotiates)
            return AcquireFor(GssOid.Kerberos, name, usage, store);
        try
        {
            GssCredential credential = AcquireFor(GssOid.Spnego, name, usage, store);
            if (GssLibrary.LimitsNegotiation)
                credential.HoldToKerberos();
            return credential;
        }
        catch (GssException)
        {
            AcquireFor(GssOid.Kerberos, name, usage, store).Dispose();    // SPNEGO says that it failed, Kerberos says why
            throw;
        }
    }

    /// <summary>How long the tickets are still good, in seconds; 0 when they have expired.</summary>
    /// <exception cref="GssException">There are none.</exception>
    public uint FindLifetime()
    {
        uint major = GssLibrary.InquireCredential(out uint minor, this, out nint name, out uint lifetime, null, null);
        new GssName(name).Dispose();
        GssException.ThrowIfError(major, minor, isLocal: true);
        return lifetime;
    }

    /// <summary>Keeps contexts from promising integrity or confidentiality that nobody has asked for: a peer takes the promise for a layer.</summary>
    public void PromiseNoProtection()
    {
        GssBuffer nothing = default;
        // A library that does not know the option promises what it likes; the login is good all the same.
        _ = GssLibrary.SetCredentialOption(out _, ref handle, GssOid.NoProtectionUnasked, &nothing);
    }

    /// <summary>Writes the tickets into a cache.</summary>
    /// <param name="cache">The cache: a file, or <c>TYPE:name</c>. Its old content is lost.</param>
    /// <exception cref="GssException">It cannot be written.</exception>
    public void Store(string cache)
    {
        using var store = new GssStore(("ccache", cache));
        uint major = GssLibrary.StoreCredential(
            out uint minor, this, GssUsage.Initiate, GssOid.Kerberos, overwrite: 1, isDefault: 1, store.Pointer, null, null);
        GssException.ThrowIfError(major, minor, isLocal: true);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = GssLibrary.ReleaseCredential(out _, ref handle);
        return true;
    }

    private static GssCredential AcquireFor(GssOid* mechanism, GssName? name, GssUsage usage, GssStore store)
    {
        var mechanisms = new GssOidSet { Count = 1, Elements = mechanism };
        nint owner = name?.DangerousGetHandle() ?? 0;
        uint major = store.IsEmpty
            ? GssLibrary.AcquireCredential(out uint minor, owner, uint.MaxValue, &mechanisms, usage, out nint handle, null, null)
            : GssLibrary.AcquireCredentialFrom(out minor, owner, uint.MaxValue, &mechanisms, usage, store.Pointer, out handle, null, null);
        GC.KeepAlive(name);
        GssException.ThrowIfError(major, minor, isLocal: true, mechanism != GssOid.Kerberos);
        return new GssCredential(handle);
    }

    private void HoldToKerberos()
    {
        var kerberos = new GssOidSet { Count = 1, Elements = GssOid.Kerberos };
        GssException.ThrowIfError(GssLibrary.LimitNegotiation(out uint minor, this, &kerberos), minor, isLocal: true);
    }
}
