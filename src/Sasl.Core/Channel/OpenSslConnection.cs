using System.Net.Security;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace Sasl;

/// <summary>The OpenSSL connection behind an <see cref="SslStream"/>, for the bindings .NET does not give (decision 0009).</summary>
/// <remarks>
/// Every call holds the handle, so that a disposal elsewhere frees nothing before the call ends, and the lock under which SslStream
/// encrypts and decrypts. Nothing here changes the connection.
/// </remarks>
internal sealed class OpenSslConnection
{
    /// <summary>The length RFC 9266 section 2 gives <c>tls-exporter</c>.</summary>
    private const int ExporterLength = 32;

    /// <summary>The longest Finished message there is: 12 octets up to TLS 1.2, a hash in TLS 1.3.</summary>
    private const int MaxFinishedLength = 64;

    private const string HandleType = "Microsoft.Win32.SafeHandles.SafeSslHandle";
    private const string OptionsType = "System.Net.Security.SslAuthenticationOptions";

    private readonly OpenSslLibrary _library;
    private readonly SafeHandle _ssl;
    private readonly object _lock;
    private readonly bool _isServer;
    private readonly bool _isTls13;
    private readonly bool _mayRenegotiate;

    private OpenSslConnection(OpenSslLibrary library, SafeHandle ssl, object connectionLock, SslStream stream)
    {
        _library = library;
        _ssl = ssl;
        _lock = connectionLock;
        _isServer = stream.IsServer;
        _isTls13 = stream.SslProtocol is SslProtocols.Tls13;
        _mayRenegotiate = !_isTls13 && AllowRenegotiation(connectionLock);
    }

    private static ReadOnlySpan<byte> ExporterLabel => "EXPORTER-Channel-Binding"u8;

    /// <summary>The connection behind a stream whose handshake is done; null where its inside is not the one known here.</summary>
    public static OpenSslConnection? TryOpen(SslStream stream)
    {
        try
        {
            // UnsafeAccessor cannot read a field whose type is internal. A constant name is visible to trimming and to native compilation.
            FieldInfo? field = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);
            var ssl = field?.GetValue(stream) as SafeHandle;
            if (ssl?.GetType().FullName != HandleType || OpenSslLibrary.Loaded is not { } library)
                return null;

            object connectionLock = HandshakeLock(stream);
            return connectionLock.GetType().FullName == OptionsType ? new OpenSslConnection(library, ssl, connectionLock, stream) : null;
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether <see cref="Exporter"/> answers.</summary>
    public bool HasExporter => Use(IsExporterDefined);

    /// <summary>Whether <see cref="Unique"/> answers.</summary>
    public bool HasUnique => Use(IsUniqueDefined);

    /// <summary>Whether the handshake resumed an earlier session.</summary>
    public bool IsResumed => Use(_library.IsResumed);

    /// <summary>The data of <c>tls-exporter</c>; null where RFC 9266 section 4.2 forbids it, and after the connection's end.</summary>
    public byte[]? Exporter() => Use(ssl =>
    {
        byte[] material = new byte[ExporterLength];
        return IsExporterDefined(ssl) && _library.TryExport(ssl, ExporterLabel, material) ? material : null;
    });

    /// <summary>
    /// The data of <c>tls-unique</c>; null on TLS 1.3, where another session could have the same, and after the connection's end.
    /// </summary>
    public byte[]? Unique() => Use(ssl =>
    {
        if (!IsUniqueDefined(ssl))
            return null;

        // The client finishes a full handshake first, the server a resumed one (RFC 5929 section 3.1).
        bool firstIsServers = _library.IsResumed(ssl);
        Span<byte> message = stackalloc byte[MaxFinishedLength];
        int length = _library.GetFinished(ssl, sentByPeer: _isServer != firstIsServers, message);
        return length is > 0 and <= MaxFinishedLength ? message[..length].ToArray() : null;
    });

    // RFC 9266 section 4.2: only with unique master secrets, and not on a connection that may be renegotiated.
    private bool IsExporterDefined(nint ssl) => _isTls13 || (!_mayRenegotiate && _library.HasExtendedMasterSecret(ssl));

    // RFC 7677 section 4, against the triple handshake.
    private bool IsUniqueDefined(nint ssl) => !_isTls13 && (_library.HasExtendedMasterSecret(ssl) || !_library.IsResumed(ssl));

    private T? Use<T>(Func<nint, T> read)
    {
        bool held = false;
        try
        {
            _ssl.DangerousAddRef(ref held);
            lock (_lock)
                return read(_ssl.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            return default;
        }
        finally
        {
            if (held)
                _ssl.DangerousRelease();
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get__handshakeLock")]
    private static extern object HandshakeLock(SslStream stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_AllowRenegotiation")]
    private static extern bool AllowRenegotiation([UnsafeAccessorType(OptionsType + ", System.Net.Security")] object options);
}
