using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>The socket below a connection, so that a call of libldap that waits without a limit, as for a TLS handshake, can be ended.</summary>
/// <remarks>libldap tells of the socket in a callback, on the thread that connects. A duplicate is kept: its number cannot become another file's.</remarks>
internal sealed unsafe partial class LdapSocket : IDisposable
{
    private const int None = -1;
    private const int ConnectCallback = 0x5011;    // LDAP_OPT_CONNECT_CB
    private const int GetDescriptor = 1;           // LBER_SB_OPT_GET_FD
    private const int BothWays = 2;                // SHUT_RDWR

    private static readonly nint* s_callbacks = MakeCallbacks();

    private static readonly ThreadLocal<LdapSocket?> s_connecting = new();

    private readonly Lock _gate = new();
    private int _descriptor = None;

    /// <summary>Asks a connection to tell of its socket.</summary>
    public static int Register(LdapLibrary library, nint connection) => library.SetOption(connection, ConnectCallback, s_callbacks);

    /// <summary>Makes a call, and ends the connection under it when it takes too long.</summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="clock">Measures the time.</param>
    /// <returns>The call's result; a timeout where the connection was ended.</returns>
    public int Call(Func<int> call, TimeSpan limit, TimeProvider clock)
    {
        bool isOver = false;
        LdapSocket? outer = s_connecting.Value;
        s_connecting.Value = this;
        try
        {
            using ITimer timer = clock.CreateTimer(
                _ =>
                {
                    Volatile.Write(ref isOver, true);
                    End();
                },
                null, limit, Timeout.InfiniteTimeSpan);
            int code = call();
            return Volatile.Read(ref isOver) && code != LdapCode.Success ? LdapCode.Timeout : code;
        }
        finally
        {
            s_connecting.Value = outer;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Keep(None);

    private static nint* MakeCallbacks()
    {
        // struct ldap_conncb; libldap keeps its address as long as there are connections, which is until the process ends.
        nint* callbacks = (nint*)NativeMemory.AllocZeroed(3, (nuint)sizeof(nint));
        callbacks[0] = (nint)(delegate* unmanaged<nint, nint, void*, void*, void*, int>)&Connected;
        callbacks[1] = (nint)(delegate* unmanaged<nint, nint, void*, void>)&Closed;
        return callbacks;
    }

    [UnmanagedCallersOnly]
    private static int Connected(nint connection, nint socket, void* server, void* address, void* context)
    {
        int descriptor = None;
        if (s_connecting.Value is { } connecting && LdapLibrary.Loaded!.ControlSocket(socket, GetDescriptor, &descriptor) >= 0)
            connecting.Keep(Duplicate(descriptor));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void Closed(nint connection, nint socket, void* context)
    {
    }

    private void Keep(int descriptor)
    {
        lock (_gate)
        {
            if (_descriptor != None)
                _ = Close(_descriptor);
            _descriptor = descriptor;
        }
    }

    private void End()
    {
        lock (_gate)
        {
            if (_descriptor != None)
                _ = Shutdown(_descriptor, BothWays);
        }
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int descriptor, int how);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
