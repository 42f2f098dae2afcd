using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sasl.Benchmarks;

/// <summary>GNU SASL's library, to compare with.</summary>
internal static unsafe partial class Libgsasl
{
    /// <summary>What to do when it is not there.</summary>
    public const string Complaint = "WARNING: libgsasl is not installed, so nothing is compared with GNU SASL: apt-get install libgsasl18";

    public const int Ok = 0;
    public const int NeedsMore = 1;

    private const string Library = "libgsasl.so.18";
    private const int NoCallback = 51;

    private static readonly ConcurrentDictionary<(string Mechanism, int Iterations), (nint Stored, nint Server)> s_keys = new();

    private static nint s_context;
    private static bool s_keepsKeys;
    private static byte* s_storedKey;
    private static byte* s_serverKey;
    private static byte* s_iterations;

    private static readonly byte* s_user = Libsasl2.Text(Account.User);
    private static readonly byte* s_password = Libsasl2.Text(Account.Password);
    private static readonly byte* s_service = Libsasl2.Text(Account.Service);
    private static readonly byte* s_host = Libsasl2.Text(Account.Host);
    private static readonly byte* s_realm = Libsasl2.Text(Account.Realm);
    private static readonly byte* s_usualIterations = Libsasl2.Text($"{Account.Iterations}");
    private static readonly byte* s_one = Libsasl2.Text("1");
    private static readonly byte* s_qop = Libsasl2.Text("qop-auth");
    private static readonly byte* s_salt = Libsasl2.Text(Convert.ToBase64String(Account.Salt));

    /// <summary>Gsasl_property.</summary>
    private enum Property
    {
        AuthenticationId = 1,
        Password = 3,
        AnonymousToken = 4,
        Service = 5,
        HostName = 6,
        Realm = 11,
        Qops = 13,
        Qop = 14,
        ScramIterations = 15,
        ScramSalt = 16,
        ScramServerKey = 23,
        ScramStoredKey = 24,
        ValidateSimple = 500,
        ValidateExternal = 501,
        ValidateAnonymous = 502,
    }

    /// <summary>Whether it can be loaded.</summary>
    public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>The version of the library.</summary>
    public static string Version => Marshal.PtrToStringUTF8(CheckVersion(0)) ?? "";

    /// <summary>Starts the library, once.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void Start()
    {
        if (!IsThere)
            throw new InvalidOperationException(Complaint);
        if (s_context != 0)
            return;
        Check(Init(out s_context));
        SetCallback(s_context, (nint)(delegate* unmanaged[Cdecl]<nint, nint, Property, int>)&Answer);
    }

    /// <summary>The server has the password in plain text.</summary>
    public static void KeepPlainText()
    {
        s_keepsKeys = false;
        s_iterations = s_usualIterations;
    }

    /// <summary>The server has SCRAM's stored keys.</summary>
    public static void KeepKeys(string mechanism, int iterations)
    {
        (nint stored, nint server) = s_keys.GetOrAdd((mechanism, iterations), static key =>
        {
            (byte[] stored, byte[] server) = Account.ScramKeys(Account.HashOf(key.Mechanism), key.Iterations);
            return ((nint)Libsasl2.Text(Convert.ToBase64String(stored)), (nint)Libsasl2.Text(Convert.ToBase64String(server)));
        });
        s_storedKey = (byte*)stored;
        s_serverKey = (byte*)server;
        s_iterations = iterations == Account.Iterations ? s_usualIterations : s_one;
        s_keepsKeys = true;
    }

    public static nint MakeClient(byte* mechanism)
    {
        Check(ClientStart(s_context, mechanism, out nint session));
        return session;
    }

    public static nint MakeServer(byte* mechanism)
    {
        Check(ServerStart(s_context, mechanism, out nint session));
        return session;
    }

    private static void Check(int result)
    {
        if (result != Ok)
            throw new InvalidOperationException($"libgsasl says {result}");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Answer(nint context, nint session, Property property)
    {
        byte* value = property switch
        {
            Property.AuthenticationId or Property.AnonymousToken => s_user,
            Property.Password when !(s_keepsKeys && IsServer(session)) => s_password,
            Property.Service => s_service,
            Property.HostName => s_host,
            Property.Realm => s_realm,
            Property.Qops or Property.Qop => s_qop,
            Property.ScramIterations => s_iterations,
            Property.ScramSalt => s_salt,
            Property.ScramStoredKey when s_keepsKeys => s_storedKey,
            Property.ScramServerKey when s_keepsKeys => s_serverKey,
            _ => null,
        };
        if (value != null)
        {
            return SetProperty(session, property, value);
        }
        return property switch
        {
            Property.ValidateSimple => IsPasswordRight(session) ? Ok : NoCallback,
            Property.ValidateAnonymous or Property.ValidateExternal => Ok,
            _ => NoCallback,
        };
    }

    // Only a server with stored keys is asked for them; a client is asked for its password.
    private static bool IsServer(nint session) => LibgsaslSide.Asking == session;

    private static bool IsPasswordRight(nint session)
    {
        byte* sent = FastProperty(session, Property.Password);
        return sent != null && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(sent)
            .SequenceEqual(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(s_password));
    }

    [LibraryImport(Library, EntryPoint = "gsasl_check_version")]
    private static partial nint CheckVersion(nint required);

    [LibraryImport(Library, EntryPoint = "gsasl_init")]
    private static partial int Init(out nint context);

    [LibraryImport(Library, EntryPoint = "gsasl_callback_set")]
    private static partial void SetCallback(nint context, nint callback);

    [LibraryImport(Library, EntryPoint = "gsasl_client_start")]
    private static partial int ClientStart(nint context, byte* mechanism, out nint session);

    [LibraryImport(Library, EntryPoint = "gsasl_server_start")]
    private static partial int ServerStart(nint context, byte* mechanism, out nint session);

    [LibraryImport(Library, EntryPoint = "gsasl_step")]
    internal static partial int Step(nint session, byte* input, nuint inputLength, out byte* output, out nuint outputLength);

    [LibraryImport(Library, EntryPoint = "gsasl_finish")]
    internal static partial void Finish(nint session);

    [LibraryImport(Library, EntryPoint = "gsasl_free")]
    internal static partial void Free(byte* octets);

    [LibraryImport(Library, EntryPoint = "gsasl_property_set")]
    private static partial int SetProperty(nint session, Property property, byte* value);

    [LibraryImport(Library, EntryPoint = "gsasl_property_fast")]
    private static partial byte* FastProperty(nint session, Property property);
}
