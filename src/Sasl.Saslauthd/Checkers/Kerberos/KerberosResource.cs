using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Something that belongs to a context and is freed with its help, so that the context lives as long.</summary>
internal abstract class KerberosResource : SafeHandle
{
    private readonly KerberosContext _context;

    protected KerberosResource(KerberosContext context, nint handle)
        : base(0, ownsHandle: true)
    {
        bool held = false;
        context.DangerousAddRef(ref held);
        _context = context;
        SetHandle(handle);
    }

    /// <inheritdoc/>
    public sealed override bool IsInvalid => handle == 0;

    /// <summary>Frees the resource.</summary>
    /// <param name="context">The context.</param>
    /// <param name="resource">The resource.</param>
    protected abstract void Free(nint context, nint resource);

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        Free(_context.DangerousGetHandle(), handle);
        _context.DangerousRelease();
        return true;
    }
}
