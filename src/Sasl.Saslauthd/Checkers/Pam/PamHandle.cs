using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>One transaction with PAM; ends it with the status it came to, by which modules clean up. For one thread at a time.</summary>
internal sealed class PamHandle : SafeHandle
{
    private PamHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>What the latest call answered.</summary>
    public PamStatus Status { get; private set; }

    /// <summary>Begins a transaction.</summary>
    /// <param name="service">The service.</param>
    /// <param name="login">The user.</param>
    /// <param name="directory">The folder of service files; null for the system's.</param>
    /// <param name="callback">Whom the modules talk to. Its data stays valid until the handle is disposed.</param>
    public static (PamStatus Status, PamHandle? Handle) Start(string service, string login, string? directory, in PamCallback callback)
    {
        PamStatus status = directory is null
            ? PamLibrary.Start(service, login, callback, out nint handle)
            : PamLibrary.StartIn(service, login, callback, directory, out handle);
        if (status is PamStatus.Success)
            return (status, new PamHandle(handle));
        return (status, null);
    }

    /// <summary>The authentication phase.</summary>
    public PamStatus Authenticate() => Status = PamLibrary.Authenticate(this, PamLibrary.Silent);

    /// <summary>The account phase: may this user come in now?</summary>
    public PamStatus CheckAccount() => Status = PamLibrary.CheckAccount(this, PamLibrary.Silent);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => PamLibrary.End(handle, Status) is PamStatus.Success;
}
