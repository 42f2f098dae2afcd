using System.Runtime.InteropServices;

namespace Sasl.Testing.Peers;

/// <summary>
/// One side of one authentication in GNU SASL's library, loaded into this process. Unlike the program it can be told to offer auth-int, and
/// it seals and opens what is sent afterwards. It needs no callback: what it would ask for it is told beforehand. Needs the program "gsasl",
/// which cannot be installed without the library.
/// </summary>
public sealed class GsaslSession : IDisposable
{
    private const int Ok = 0;
    private const int NeedsMore = 1;
    private const string Library = "libgsasl.so.18";
    private const string Service = "smtp";

    private readonly ContextHandle _context;
    private readonly SessionHandle _session;

    private GsaslSession(ContextHandle context, SessionHandle session) => (_context, _session) = (context, session);

    /// <summary>Whether it has seen the end of the exchange and is content.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>A server that takes any user of the realm localhost with the one password.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="protections">What DIGEST-MD5 offers: "qop-auth", "qop-int" or both with a comma between; "qop-conf" it does not have.</param>
    /// <param name="password">The password.</param>
    public static GsaslSession StartServer(string mechanism, string protections, string password = "secret") => Start(gsasl_server_start, mechanism,
    [
        (Property.Password, password), (Property.Service, Service), (Property.Hostname, "localhost"), (Property.Realm, "localhost"), (Property.Qops, protections),
    ]);

    /// <summary>A client.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="protection">What DIGEST-MD5 asks for, "qop-auth" or "qop-int".</param>
    /// <param name="password">The password.</param>
    /// <param name="user">The user name.</param>
    public static GsaslSession StartClient(string mechanism, string protection, string password = "secret", string user = "alice") => Start(gsasl_client_start, mechanism,
    [
        (Property.AuthenticationId, user), (Property.Password, password), (Property.Service, Service), (Property.Hostname, "localhost"), (Property.Qop, protection),
    ]);

    /// <summary>Its next message; null when it has refused the other side.</summary>
    public byte[]? Step(byte[] input)
    {
        int code = gsasl_step(_session, input, (nuint)input.Length, out nint output, out nuint length);
        IsFinished = code == Ok;
        return code is Ok or NeedsMore ? Take(output, length) : null;
    }

    /// <summary>Seals a message: the packet with its length in front.</summary>
    /// <exception cref="PeerException">It could not.</exception>
    public byte[] Encode(byte[] message)
    {
        int code = gsasl_encode(_session, message, (nuint)message.Length, out nint output, out nuint length);
        return code == Ok ? Take(output, length) : throw new PeerException($"gsasl_encode ended with {code}.", "");
    }

    /// <summary>Opens a packet that has its length in front; null when it is refused.</summary>
    public byte[]? Decode(byte[] packet) =>
        gsasl_decode(_session, packet, (nuint)packet.Length, out nint output, out nuint length) == Ok ? Take(output, length) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _context.Dispose();
    }

    private static GsaslSession Start(Starter start, string mechanism, ReadOnlySpan<(Property Property, string Value)> properties)
    {
        PeerPrograms.Require("gsasl");
        ThrowIfFailed("gsasl_init", gsasl_init(out ContextHandle context));
        ThrowIfFailed(mechanism, start(context, mechanism, out SessionHandle session));
        foreach ((Property property, string value) in properties)
            ThrowIfFailed($"{property}", gsasl_property_set(session, property, value));
        return new GsaslSession(context, session);
    }

    private static void ThrowIfFailed(string what, int code)
    {
        if (code != Ok)
            throw new PeerException($"GNU SASL answered {code} to {what}.", "");
    }

    private static byte[] Take(nint output, nuint length)
    {
        byte[] octets = new byte[(int)length];
        if (octets.Length > 0)
            Marshal.Copy(output, octets, 0, octets.Length);
        gsasl_free(output);
        return octets;
    }

    private delegate int Starter(ContextHandle context, string mechanism, out SessionHandle session);

    // Gsasl_property of gsasl-property.h.
    private enum Property
    {
        AuthenticationId = 1,
        Password = 3,
        Service = 5,
        Hostname = 6,
        Realm = 8,
        Qops = 13,
        Qop = 14,
    }

    private sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            gsasl_done(handle);
            return true;
        }
    }

    private sealed class SessionHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            gsasl_finish(handle);
            return true;
        }
    }

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // Named as in libgsasl; plain calls, UTF-8 said for each string.
    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_init(out ContextHandle context);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void gsasl_done(nint context);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_server_start(ContextHandle context, [MarshalAs(UnmanagedType.LPUTF8Str)] string mechanism, out SessionHandle session);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_client_start(ContextHandle context, [MarshalAs(UnmanagedType.LPUTF8Str)] string mechanism, out SessionHandle session);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void gsasl_finish(nint session);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_property_set(SessionHandle session, Property property, [MarshalAs(UnmanagedType.LPUTF8Str)] string value);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_step(SessionHandle session, byte[] input, nuint length, out nint output, out nuint outputLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_encode(SessionHandle session, byte[] input, nuint length, out nint output, out nuint outputLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int gsasl_decode(SessionHandle session, byte[] input, nuint length, out nint output, out nuint outputLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void gsasl_free(nint memory);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
