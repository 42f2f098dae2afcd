using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Benchmarks;

/// <summary>Cyrus SASL's own library, to compare with: server and client in this process, users in a sasldb file or in memory.</summary>
/// <remarks>
/// It is one application for the life of the process. Where it looks users up, and with what it checks passwords, it asks at every login, so
/// that a contest turns it to another store by setting a property. Not for two threads at once.
/// </remarks>
internal static unsafe partial class Libsasl2
{
    /// <summary>What to do when it is not there.</summary>
    public const string Complaint =
        "WARNING: libsasl2 or its plug-ins are not installed, so nothing is compared with Cyrus SASL: apt-get install libsasl2-2 libsasl2-modules libsasl2-modules-db";

    public const int Ok = 0;
    public const int Continue = 1;
    public const int Fail = -1;
    public const int UserName = 0;

    private const string Library = "libsasl2.so.2";
    private const string PluginFolder = "/usr/lib/x86_64-linux-gnu/sasl2";
    private const ulong EndOfCallbacks = 0;
    private const ulong GetOption = 1;
    private const ulong Log = 2;
    private const ulong GetUser = 0x4001;
    private const ulong GetAuthenticationName = 0x4002;
    private const ulong GetPassword = 0x4004;
    private const int SecurityProperties = 101;
    private const int ExternalStrength = 100;
    private const int ExternalIdentity = 102;

    private static readonly byte* s_user = Text(Account.User);
    private static readonly byte* s_sasldb = Text("sasldb");
    private static readonly byte* s_memory = Text(MemoryStore.Name);
    private static readonly byte* s_auxprop = Text("auxprop");
    private static readonly byte* s_saslauthd = Text("saslauthd");
    private static readonly Secret* s_password = MakeSecret();
    private static readonly Callback* s_serverCallbacks = MakeServerCallbacks();
    private static readonly Callback* s_clientCallbacks = MakeClientCallbacks();

    // What the library was once given is kept: it may still look at it.
    private static readonly ConcurrentDictionary<string, nint> s_texts = new();

    private static bool s_started;
    private static bool s_clientStarted;
    private static byte* s_path;
    private static byte* s_socket;
    private static byte* s_store;
    private static byte* s_method;

    /// <summary>sasl_callback_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public ulong Id;
        public nint Function;
        public nint Context;
    }

    /// <summary>sasl_secret_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Secret
    {
        public ulong Length;
        public byte First;
    }

    /// <summary>sasl_security_properties_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Properties
    {
        public uint MinSsf;
        public uint MaxSsf;
        public uint MaxBuffer;
        public uint Flags;
        public nint Names;
        public nint Values;
    }

    /// <summary>Whether library and plug-ins can be loaded.</summary>
    public static bool IsThere { get; } =
        File.Exists($"{PluginFolder}/libsasldb.so.2") && File.Exists($"{PluginFolder}/libscram.so.2") && NativeLibrary.TryLoad(Library, out _);

    /// <summary>The version of the library, such as 2.1.28.</summary>
    public static string Version
    {
        get
        {
            GetVersion(null, out int version);
            return $"{version >> 24}.{(version >> 16) & 0xff}.{version & 0xffff}";
        }
    }

    /// <summary>Starts the library on a sasldb file, or turns it to another one.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void Start(string sasldb)
    {
        StartServer();
        s_path = (byte*)s_texts.GetOrAdd(sasldb, static text => (nint)Text(text));
        s_store = s_sasldb;
        s_method = s_auxprop;
    }

    /// <summary>Starts the library on users in memory, or turns it to them.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void StartInMemory()
    {
        StartServer();
        s_store = s_memory;
        s_method = s_auxprop;
    }

    /// <summary>Starts the library on a saslauthd, or turns it to another one: it asks for the path at every check.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void StartOnSaslauthd(string socket)
    {
        StartServer();
        s_socket = (byte*)s_texts.GetOrAdd(socket, static text => (nint)Text(text));
        s_method = s_saslauthd;
    }

    /// <summary>Starts the client's half.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void StartClient()
    {
        if (!IsThere)
            throw new InvalidOperationException(Complaint);
        if (!s_clientStarted)
            Check(ClientInit(s_clientCallbacks));
        s_clientStarted = true;
    }

    /// <summary>Ends the client's half. As long as it lives, its plug-ins stay loaded, and the server's half finds them there.</summary>
    public static void EndClient()
    {
        if (s_clientStarted)
            Check(ClientDone());
        s_clientStarted = false;
    }

    /// <summary>Ends the server's half and starts it anew: without a client's half it loads its plug-ins again, as at a program's start.</summary>
    public static void Restart()
    {
        if (s_started)
            Check(ServerDone());
        s_started = false;
        StartServer();
    }

    /// <summary>What every connection of the library costs: made and disposed, and nobody looked up.</summary>
    public static void MakeConnection()
    {
        nint connection = MakeServer();
        Dispose(ref connection);
    }

    /// <summary>What every connection costs that is told what there is to choose from.</summary>
    public static void MakeConnectionAndList()
    {
        nint connection = MakeServer();
        Check(ListMechanisms(connection, null, null, " ", null, out _, out _, out _));
        Dispose(ref connection);
    }

    /// <summary>Looks a user up, on a connection of its own as a server does.</summary>
    public static bool Exists(string user)
    {
        nint connection = MakeServer();
        int result = UserExists(connection, "smtp", Account.Realm, user);
        Dispose(ref connection);
        return result == Ok;
    }

    /// <summary>Looks a user up and compares his password.</summary>
    public static bool IsRight(string user, string password)
    {
        nint connection = MakeServer();
        int result = CheckPassword(connection, user, (uint)user.Length, password, (uint)password.Length);
        Dispose(ref connection);
        return result == Ok;
    }

    /// <summary>A server's context.</summary>
    public static nint MakeServer()
    {
        Check(ServerNew(Account.Service, Account.Host, Account.Realm, null, null, null, 0, out nint connection));
        return connection;
    }

    /// <summary>A client's context.</summary>
    public static nint MakeClient()
    {
        Check(ClientNew(Account.Service, Account.Host, null, null, null, 0, out nint connection));
        return connection;
    }

    /// <summary>Asks for a security layer of just this strength.</summary>
    public static void RequireStrength(nint connection, uint ssf)
    {
        var properties = new Properties { MinSsf = ssf, MaxSsf = ssf, MaxBuffer = 65536 };
        Check(SetProperty(connection, SecurityProperties, &properties));
    }

    /// <summary>Says that TLS has proved the peer's identity.</summary>
    public static void SetExternal(nint connection)
    {
        uint ssf = 256;
        Check(SetProperty(connection, ExternalStrength, &ssf));
        Check(SetProperty(connection, ExternalIdentity, s_user));
    }

    public static byte* Text(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text + '\0');
        var copy = (byte*)NativeMemory.Alloc((nuint)octets.Length);
        octets.CopyTo(new Span<byte>(copy, octets.Length));
        return copy;
    }

    public static void Check(int result)
    {
        if (result != Ok)
            throw new InvalidOperationException($"libsasl2 says {result}");
    }

    private static void StartServer()
    {
        if (!IsThere)
            throw new InvalidOperationException(Complaint);
        if (s_started)
            return;
        s_started = true;
        Check(ServerInit(s_serverCallbacks, "benchmark"));
        MemoryStore.Add();
    }

    private static Secret* MakeSecret()
    {
        byte[] octets = Account.PasswordOctets;
        var secret = (Secret*)NativeMemory.AllocZeroed((nuint)(sizeof(Secret) + octets.Length));
        secret->Length = (ulong)octets.Length;
        octets.CopyTo(new Span<byte>(&secret->First, octets.Length));
        return secret;
    }

    private static Callback* MakeServerCallbacks() => Keep(
        (GetOption, (nint)(delegate* unmanaged[Cdecl]<void*, byte*, byte*, byte**, uint*, int>)&Option),
        (Log, (nint)(delegate* unmanaged[Cdecl]<void*, int, byte*, int>)&Ignore));

    private static Callback* MakeClientCallbacks() => Keep(
        (GetUser, (nint)(delegate* unmanaged[Cdecl]<void*, int, byte**, uint*, int>)&AnswerName),
        (GetAuthenticationName, (nint)(delegate* unmanaged[Cdecl]<void*, int, byte**, uint*, int>)&AnswerName),
        (GetPassword, (nint)(delegate* unmanaged[Cdecl]<nint, void*, int, Secret**, int>)&AnswerPassword),
        (Log, (nint)(delegate* unmanaged[Cdecl]<void*, int, byte*, int>)&Ignore));

    private static Callback* Keep(params ReadOnlySpan<(ulong Id, nint Function)> callbacks)
    {
        var kept = (Callback*)NativeMemory.AllocZeroed((nuint)callbacks.Length + 1, (nuint)sizeof(Callback));
        for (int i = 0; i < callbacks.Length; i++)
            kept[i] = new Callback { Id = callbacks[i].Id, Function = callbacks[i].Function };
        kept[callbacks.Length].Id = EndOfCallbacks;
        return kept;
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

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Ignore(void* context, int level, byte* message) => Ok;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AnswerName(void* context, int id, byte** result, uint* length)
    {
        *result = s_user;
        if (length != null)
            *length = (uint)Account.User.Length;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AnswerPassword(nint connection, void* context, int id, Secret** result)
    {
        *result = s_password;
        return Ok;
    }

    [LibraryImport(Library, EntryPoint = "sasl_version")]
    private static partial void GetVersion(byte** implementation, out int version);

    [LibraryImport(Library, EntryPoint = "sasl_server_init", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ServerInit(Callback* callbacks, string application);

    [LibraryImport(Library, EntryPoint = "sasl_client_done")]
    private static partial int ClientDone();

    [LibraryImport(Library, EntryPoint = "sasl_server_done")]
    private static partial int ServerDone();

    [LibraryImport(Library, EntryPoint = "sasl_client_init")]
    private static partial int ClientInit(Callback* callbacks);

    [LibraryImport(Library, EntryPoint = "sasl_server_new", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ServerNew(
        string service, string host, string realm, string? local, string? remote, Callback* callbacks, uint flags, out nint connection);

    [LibraryImport(Library, EntryPoint = "sasl_client_new", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ClientNew(
        string service, string host, string? local, string? remote, Callback* callbacks, uint flags, out nint connection);

    [LibraryImport(Library, EntryPoint = "sasl_listmech", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ListMechanisms(
        nint connection, string? user, string? prefix, string separator, string? suffix, out byte* result, out uint length, out int count);

    [LibraryImport(Library, EntryPoint = "sasl_user_exists", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UserExists(nint connection, string service, string realm, string user);

    [LibraryImport(Library, EntryPoint = "sasl_checkpass", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CheckPassword(nint connection, string user, uint userLength, string password, uint passwordLength);

    [LibraryImport(Library, EntryPoint = "sasl_server_start")]
    internal static partial int ServerStart(nint connection, byte* mechanism, byte* input, uint inputLength, out byte* output, out uint outputLength);

    [LibraryImport(Library, EntryPoint = "sasl_server_step")]
    internal static partial int ServerStep(nint connection, byte* input, uint inputLength, out byte* output, out uint outputLength);

    [LibraryImport(Library, EntryPoint = "sasl_client_start")]
    internal static partial int ClientStart(nint connection, byte* mechanisms, void** prompts, out byte* output, out uint outputLength, out byte* chosen);

    [LibraryImport(Library, EntryPoint = "sasl_client_step")]
    internal static partial int ClientStep(nint connection, byte* input, uint inputLength, void** prompts, out byte* output, out uint outputLength);

    [LibraryImport(Library, EntryPoint = "sasl_encode")]
    internal static partial int Encode(nint connection, byte* input, uint inputLength, out byte* output, out uint outputLength);

    [LibraryImport(Library, EntryPoint = "sasl_decode")]
    internal static partial int Decode(nint connection, byte* input, uint inputLength, out byte* output, out uint outputLength);

    [LibraryImport(Library, EntryPoint = "sasl_getprop")]
    internal static partial int GetProperty(nint connection, int property, out void* value);

    [LibraryImport(Library, EntryPoint = "sasl_setprop")]
    private static partial int SetProperty(nint connection, int property, void* value);

    [LibraryImport(Library, EntryPoint = "sasl_dispose")]
    internal static partial void Dispose(ref nint connection);

    /// <summary>An auxprop plug-in with the one account, so that the library is timed without Berkeley DB.</summary>
    public static partial class MemoryStore
    {
        public const string Name = "memory";

        private const int PluginVersion = 8;
        private const uint ForAuthorization = 2;
        private const uint Override = 1;

        // sasl_server_params_t of 2.1.28 on 64 bits.
        private const int PropertiesOffset = 152;

        private static readonly Plugin* s_plugin = MakePlugin();
        private static readonly byte* s_plain = Text(Account.Password);
        private static readonly ConcurrentDictionary<(string Mechanism, int Iterations), nint> s_keys = new();

        // Null: the password in plain text is what the store has.
        private static byte* s_authPassword;

        /// <summary>sasl_auxprop_plug_t.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct Plugin
        {
            public int Features;
            public int Spare;
            public nint Context;
            public nint Free;
            public nint Lookup;
            public byte* Name;
            public nint Store;
        }

        /// <summary>struct propval.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct Property
        {
            public byte* Name;
            public byte** Values;
            public uint Count;
            public uint Size;
        }

        /// <summary>Puts the password in plain text into the store.</summary>
        public static void KeepPlainText() => s_authPassword = null;

        /// <summary>Puts SCRAM's stored keys into the store, and no plain text.</summary>
        public static void KeepKeys(string mechanism, int iterations) =>
            s_authPassword = (byte*)s_keys.GetOrAdd((mechanism, iterations), static key => (nint)Text(Account.AuthPassword(key.Mechanism, key.Iterations)));

        internal static void Add() => Check(AddPlugin(
            Name, (nint)(delegate* unmanaged[Cdecl]<void*, int, int*, Plugin**, byte*, int>)&Init));

        private static Plugin* MakePlugin()
        {
            var plugin = (Plugin*)NativeMemory.AllocZeroed((nuint)sizeof(Plugin));
            plugin->Name = Text(Name);
            plugin->Lookup = (nint)(delegate* unmanaged[Cdecl]<void*, byte*, uint, byte*, uint, int>)&Lookup;
            return plugin;
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static int Init(void* utils, int maxVersion, int* version, Plugin** plugin, byte* name)
        {
            *version = PluginVersion;
            *plugin = s_plugin;
            return Ok;
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static int Lookup(void* context, byte* parameters, uint flags, byte* user, uint userLength)
        {
            void* properties = *(void**)(parameters + PropertiesOffset);
            for (Property* wanted = GetProperties(properties); wanted != null && wanted->Name != null; wanted++)
            {
                ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(wanted->Name);
                bool forAuthentication = name is [(byte)'*', ..];
                if (forAuthentication == ((flags & ForAuthorization) != 0) || (wanted->Values != null && (flags & Override) == 0))
                    continue;
                ReadOnlySpan<byte> bare = forAuthentication ? name[1..] : name;
                byte* value = s_authPassword is null
                    ? bare.SequenceEqual("userPassword"u8) ? s_plain : null
                    : bare.SequenceEqual("authPassword"u8) ? s_authPassword : null;
                if (value != null && SetProperty(properties, wanted->Name, value, -1) is not Ok and var failure)
                    return failure;
            }
            return Ok;
        }

        [LibraryImport(Library, EntryPoint = "sasl_auxprop_add_plugin", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int AddPlugin(string name, nint init);

        [LibraryImport(Library, EntryPoint = "prop_get")]
        private static partial Property* GetProperties(void* properties);

        [LibraryImport(Library, EntryPoint = "prop_set")]
        private static partial int SetProperty(void* properties, byte* name, byte* value, int length);
    }
}
