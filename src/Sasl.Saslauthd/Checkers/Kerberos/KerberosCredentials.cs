namespace Sasl.Saslauthd;

/// <summary>A ticket and its session key, in memory only, erased on disposal.</summary>
internal sealed unsafe class KerberosCredentials : KerberosResource
{
    // krb5_creds has 120 octets on a 64-bit machine.
    private const int Length = 256;

    private readonly ErasedMemory _memory;

    private KerberosCredentials(KerberosContext context, ErasedMemory memory)
        : base(context, (nint)memory.Pointer)
    {
        // Finalizers run in any order; this one needs the memory.
        bool held = false;
        memory.DangerousAddRef(ref held);
        _memory = memory;
    }

    /// <summary>Where the library has them.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>Empty ones, for the library to fill in.</summary>
    public static KerberosCredentials Create(KerberosContext context) => new(context, new ErasedMemory(Length));

    /// <inheritdoc/>
    protected override void Free(nint context, nint resource)
    {
        KerberosLibrary.EraseCredentials(context, (byte*)resource);
        _memory.DangerousRelease();
        _memory.Dispose();
    }
}
