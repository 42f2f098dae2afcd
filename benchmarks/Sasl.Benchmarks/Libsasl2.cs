using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Benchmarks;

/// <summary>Cyrus SASL's own library, to compare with. One application and one sasldb file for the life of the process.</summary>
internal static unsafe partial class Libsasl2
{
    private const string Library = "libsasl2.so.2";
    private const string Plugin = "/usr/lib/x86_64-linux-gnu/sasl2/libsasldb.so.2";
    private const int Ok = 0;
    private const int Fail = -1;
    private const ulong GetOption = 1;

    private static bool s_started;
    private static byte* s_path;
    private static byte* s_socket;
    private static byte* s_store;
    private static byte* s_method;

    /// <summary>What to do when it is not there.</summary>
    public const string Complaint =
        "WARNING: libsasl2 or its sasldb plug-in is not installed, so nothing is compared with Cyrus SASL: apt-get install libsasl2-2 libsasl2-modules-db";

    /// <summary>sasl_callback_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public ulong Id;
        public nint Function;
        public nint Context;
    }

    /// <summary>Whether library and plug-in can be loaded.</summary>
    public static bool IsThere => File.Exists(Plugin) && NativeLibrary.TryLoad(Library, out _);

    /// <summary>Starts the library on a sasldb file.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void Start(string sasldb)
    {
        if (!IsThere)
            throw new InvalidOperationException(Complaint);
        s_path = Text(sasldb);
        s_store = Text("sasldb");
        s_method = Text("auxprop");
        Start();
    }

    /// <summary>Starts the library on a saslauthd, or turns it to another one: it asks for the path at every check.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void StartOnSaslauthd(string socket)
    {
        if (!IsThere)
            throw new InvalidOperationException(Complaint);
        s_socket = Text(socket);
        s_method = Text("saslauthd");
        Start();
    }

    private static void Start()
    {
        if (s_started)
            return;
        s_started = true;
        var callbacks = (Callback*)NativeMemory.AllocZeroed(2, (nuint)sizeof(Callback));
        callbacks[0] = new Callback
        {
            Id = GetOption,
            Function = (nint)(delegate* unmanaged[Cdecl]<void*, byte*, byte*, byte**, uint*, int>)&Option,
        };
        Check(ServerInit(callbacks, "benchmark"));
    }

    /// <summary>What every connection of the library costs: made and disposed, and nobody looked up.</summary>
    public static void MakeConnection()
    {
        Check(ServerNew("smtp", "localhost", "example.com", null, null, null, 0, out nint connection));
        Dispose(ref connection);
    }

    /// <summary>Looks a user up, on a connection of its own as a server does.</summary>
    public static bool Exists(string user)
    {
        Check(ServerNew("smtp", "localhost", "example.com", null, null, null, 0, out nint connection));
        int result = UserExists(connection, "smtp", "example.com", user);
        Dispose(ref connection);
        return result == Ok;
    }

    /// <summary>Looks a user up and compares his password.</summary>
    public static bool IsRight(string user, string password)
    {
        Check(ServerNew("smtp", "localhost", "example.com", null, null, null, 0, out nint connection));
        int result = CheckPassword(connection, user, (uint)user.Length, password, (uint)password.Length);
        Dispose(ref connection);
        return result == Ok;
    }

    private static byte* Text(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text + '\0');
        var copy = (byte*)NativeMemory.Alloc((nuint)octets.Length);
        octets.CopyTo(new Span<byte>(copy, octets.Length));
        return copy;
    }

    private static void Check(int result)
    {
        if (result != Ok)
            throw new InvalidOperationException($"libsasl2 says {result}");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Option(void* context, byte* plugin, byte* option, byte** result, uint* length)
    {
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(option);
        *result = name.SequenceEqual("sasldb_path"u8) ? s_path
            : name.SequenceEqual("auxprop_plugin"u8) ? s_store
            : name.SequenceEqual("pwcheck_method"u8) ? s_method
            : name.SequenceEqual("saslauthd_path"u8) ? s_socket
            : null;
        if (length != null && *result != null)
            *length = (uint)MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*result).Length;
        return *result == null ? Fail : Ok;
    }

    [LibraryImport(Library, EntryPoint = "sasl_server_init", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ServerInit(Callback* callbacks, string application);

    [LibraryImport(Library, EntryPoint = "sasl_server_new", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ServerNew(
        string service, string host, string realm, string? local, string? remote, Callback* callbacks, uint flags, out nint connection);

    [LibraryImport(Library, EntryPoint = "sasl_user_exists", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UserExists(nint connection, string service, string realm, string user);

    [LibraryImport(Library, EntryPoint = "sasl_checkpass", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CheckPassword(nint connection, string user, uint userLength, string password, uint passwordLength);

    [LibraryImport(Library, EntryPoint = "sasl_dispose")]
    private static partial void Dispose(ref nint connection);
}
