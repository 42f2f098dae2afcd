using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>The few functions of libssl that .NET has no name for, in the very library .NET itself loaded.</summary>
/// <remarks>
/// Calling them with a connection of another copy of OpenSSL would corrupt memory, so every doubt ends in <see cref="Loaded"/> being null.
/// </remarks>
internal sealed unsafe class OpenSslLibrary
{
    private const int RtldLazy = 1;
    private const int RtldNoLoad = 4;
    private const int GetExtendedMasterSecretSupport = 122;

    private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, byte*, nuint, int, int> _exportKeyingMaterial;
    private readonly delegate* unmanaged<nint, byte*, nuint, nuint> _getFinished;
    private readonly delegate* unmanaged<nint, byte*, nuint, nuint> _getPeerFinished;
    private readonly delegate* unmanaged<nint, int, nint, nint, nint> _control;
    private readonly delegate* unmanaged<nint, int> _sessionReused;

    private OpenSslLibrary(nint library)
    {
        _exportKeyingMaterial = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, byte*, nuint, int, int>)
            NativeLibrary.GetExport(library, "SSL_export_keying_material");
        _getFinished = (delegate* unmanaged<nint, byte*, nuint, nuint>)NativeLibrary.GetExport(library, "SSL_get_finished");
        _getPeerFinished = (delegate* unmanaged<nint, byte*, nuint, nuint>)NativeLibrary.GetExport(library, "SSL_get_peer_finished");
        _control = (delegate* unmanaged<nint, int, nint, nint, nint>)NativeLibrary.GetExport(library, "SSL_ctrl");
        _sessionReused = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "SSL_session_reused");
    }

    /// <summary>The library; null where .NET uses none, or one that is linked into the program. Ask after a handshake.</summary>
    public static OpenSslLibrary? Loaded { get; } = OperatingSystem.IsLinux() ? Find() : null;

    /// <summary>Whether both sides took the extended master secret (RFC 7627). Means nothing on TLS 1.3.</summary>
    public bool HasExtendedMasterSecret(nint ssl) => _control(ssl, GetExtendedMasterSecretSupport, 0, 0) == 1;

    /// <summary>Whether the handshake resumed an earlier session.</summary>
    public bool IsResumed(nint ssl) => _sessionReused(ssl) != 0;

    /// <summary>Exports keying material (RFC 5705, RFC 8446 section 7.5) with an empty context.</summary>
    public bool TryExport(nint ssl, ReadOnlySpan<byte> label, Span<byte> material)
    {
        byte none = 0;
        fixed (byte* name = label)
        fixed (byte* octets = material)
        {
            // An empty context is not an absent one: before TLS 1.3 their results differ.
            return _exportKeyingMaterial(ssl, octets, (nuint)material.Length, name, (nuint)label.Length, &none, 0, 1) == 1;
        }
    }

    /// <summary>Copies a Finished message of the latest handshake.</summary>
    /// <param name="ssl">The connection.</param>
    /// <param name="sentByPeer">Whose message.</param>
    /// <param name="message">Takes the message, as much of it as fits.</param>
    /// <returns>The whole message's length; 0 when there is none.</returns>
    public int GetFinished(nint ssl, bool sentByPeer, Span<byte> message)
    {
        fixed (byte* octets = message)
            return checked((int)(sentByPeer ? _getPeerFinished : _getFinished)(ssl, octets, (nuint)message.Length));
    }

    [SupportedOSPlatform("linux")]
    private static OpenSslLibrary? Find()
    {
        try
        {
            nint library = FindLoaded($"libssl.so.{Suffix(SafeEvpPKeyHandle.OpenSslVersion)}");
            return library != 0 && VersionOf(library) == SafeEvpPKeyHandle.OpenSslVersion ? new OpenSslLibrary(library) : null;
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException
            or PlatformNotSupportedException or TypeInitializationException)
        {
            return null;
        }
    }

    // 0xMNNFFPPS, of which M is the major version and NN the minor one. Before 3.0 both were part of the library's name.
    private static string Suffix(long version)
    {
        long major = version >> 28, minor = (version >> 20) & 0xff;
        return major >= 3 ? $"{major}" : $"{major}.{minor}";
    }

    // NativeLibrary.TryLoad would load a second copy next to one that is linked into the program.
    private static nint FindLoaded(string name)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dlopen", out nint function))
            return 0;

        nint text = Marshal.StringToCoTaskMemUTF8(name);
        nint library = ((delegate* unmanaged<nint, int, nint>)function)(text, RtldLazy | RtldNoLoad);
        Marshal.FreeCoTaskMem(text);
        return library;
    }

    // Found through libssl, the function is that of the libcrypto this libssl belongs to.
    private static long VersionOf(nint library) =>
        (nint)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(library, "OpenSSL_version_num"))();
}
