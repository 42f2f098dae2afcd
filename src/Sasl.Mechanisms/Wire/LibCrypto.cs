using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The functions of OpenSSL's libcrypto that compute hashes, called without what the platform's classes do around every call.</summary>
/// <remarks>
/// The platform clears OpenSSL's queue of errors before each call, which costs as much as hashing a block does, and three calls are a hash
/// (docs/decisions/0034). Which hash functions there are is for OpenSSL's configuration to say, as it is for the platform's classes.
/// </remarks>
internal sealed unsafe class LibCrypto
{
    private const int RtldLazy = 1;
    private const int RtldNoLoad = 4;
    private const int OldestMajorVersion = 3;    // the first whose hash functions are fetched by name

    private readonly delegate* unmanaged<nint, byte*, byte*, nint> _fetch;
    private readonly delegate* unmanaged<nint> _make;
    private readonly delegate* unmanaged<nint, void> _free;
    private readonly delegate* unmanaged<nint, nint, nint, int> _begin;
    private readonly delegate* unmanaged<nint, byte*, nuint, int> _append;
    private readonly delegate* unmanaged<nint, byte*, uint*, int> _end;
    private readonly delegate* unmanaged<nint, nint, int> _copy;

    private LibCrypto(nint library)
    {
        _fetch = (delegate* unmanaged<nint, byte*, byte*, nint>)NativeLibrary.GetExport(library, "EVP_MD_fetch");
        _make = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_MD_CTX_new");
        _free = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EVP_MD_CTX_free");
        _begin = (delegate* unmanaged<nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestInit_ex2");
        _append = (delegate* unmanaged<nint, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestUpdate");
        _end = (delegate* unmanaged<nint, byte*, uint*, int>)NativeLibrary.GetExport(library, "EVP_DigestFinal_ex");
        _copy = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "EVP_MD_CTX_copy_ex");
    }

    /// <summary>The library; null where the platform uses no OpenSSL, an old one, or one that is linked into the program.</summary>
    public static LibCrypto? Loaded { get; } = OperatingSystem.IsLinux() ? Find() : null;

    /// <summary>Finds a hash function, which lives as long as the process.</summary>
    /// <param name="name">Its name, such as <c>SHA256</c>.</param>
    /// <returns>0 when OpenSSL's configuration has none of this name.</returns>
    public nint Fetch(string name)
    {
        fixed (byte* octets = Encoding.ASCII.GetBytes(name + '\0'))
            return _fetch(0, octets, null);
    }

    /// <summary>Makes a context, which <see cref="Begin"/> makes usable.</summary>
    public nint Make() => _make();

    public void Free(nint context) => _free(context);

    /// <summary>Forgets what a context has and begins a new hash.</summary>
    public void Begin(nint context, nint function) => Check(_begin(context, function, 0));

    public void Append(nint context, ReadOnlySpan<byte> octets)
    {
        fixed (byte* input = octets)
            Check(_append(context, input, (nuint)octets.Length));
    }

    /// <summary>Gives the hash. The context can only be begun anew, copied over, or freed.</summary>
    public void End(nint context, Span<byte> hash)
    {
        fixed (byte* output = hash)
            Check(_end(context, output, null));
    }

    /// <summary>Gives one context the state of another.</summary>
    public void Copy(nint destination, nint source) => Check(_copy(destination, source));

    [SupportedOSPlatform("linux")]
    private static LibCrypto? Find()
    {
        try
        {
            // Asked for its version, the platform first sets OpenSSL up in its own way.
            long major = SafeEvpPKeyHandle.OpenSslVersion >> 28;
            nint library = major >= OldestMajorVersion ? FindLoaded($"libcrypto.so.{major}") : 0;
            return library != 0 ? new LibCrypto(library) : null;
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException
            or PlatformNotSupportedException or TypeInitializationException)
        {
            return null;
        }
    }

    // Nothing is loaded: what is found is what the platform has loaded already.
    private static nint FindLoaded(string name)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dlopen", out nint function))
            return 0;
        fixed (byte* text = Encoding.ASCII.GetBytes(name + '\0'))
            return ((delegate* unmanaged<byte*, int, nint>)function)(text, RtldLazy | RtldNoLoad);
    }

    private static void Check(int result)
    {
        if (result != 1)
            throw new CryptographicException("OpenSSL cannot compute a hash.");
    }
}
