using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Saslauthd;

/// <summary>The system's own crypt(3), which knows every hash that the system's files can hold.</summary>
internal sealed unsafe class CryptLibrary
{
    // struct crypt_data has 32,768 octets in libxcrypt, 131,232 in glibc's libcrypt of old, 260 in musl.
    private const int DataLength = 136 * 1024;
    private const int MaxSettingLength = 384;    // CRYPT_OUTPUT_SIZE of libxcrypt

    // musl has no such library: there crypt_r is in libc.
    private static readonly string[] s_names = ["libcrypt.so.1", "libcrypt.so.2", "libc"];

    private readonly delegate* unmanaged<byte*, byte*, byte*, byte*> _crypt;
    private readonly delegate* unmanaged<byte*, uint, byte*, int, byte*, int, byte*> _makeSetting;

    private CryptLibrary(nint crypt, nint makeSetting)
    {
        _crypt = (delegate* unmanaged<byte*, byte*, byte*, byte*>)crypt;
        _makeSetting = (delegate* unmanaged<byte*, uint, byte*, int, byte*, int, byte*>)makeSetting;
    }

    /// <summary>The library; null where the system has none.</summary>
    public static CryptLibrary? Loaded { get; } = OperatingSystem.IsLinux() ? Find() : null;

    /// <summary>Why passwords cannot be checked with this machine's files, as a clause; null when they can.</summary>
    public static string? WhyMissing =>
        !OperatingSystem.IsLinux() ? "it needs the C library of a Linux system"
        : Loaded is null ? "there is neither libcrypt.so.1 nor libcrypt.so.2 (Debian: libcrypt1)"
        : null;

    /// <summary>Whether a password gives a hash, NUL-terminated as the system's files have it.</summary>
    /// <param name="password">The password, without a NUL.</param>
    /// <param name="hash">The hash; it says how it was made.</param>
    /// <returns>Null when the system's crypt cannot make such a hash.</returns>
    public bool? IsHashOf(ErasedMemory password, byte* hash)
    {
        using var data = new ErasedMemory(DataLength);
        byte* made = _crypt(password.Pointer, hash, data.Pointer);
        // Both of libxcrypt's tokens for a failure begin with an asterisk, which begins no hash.
        if (made is null || *made is 0 or (byte)'*')
            return null;
        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.CreateReadOnlySpanFromNullTerminated(made), MemoryMarshal.CreateReadOnlySpanFromNullTerminated(hash));
    }

    /// <summary>How the system would hash a new password: NUL-terminated, for <see cref="IsHashOf"/>, with a salt of its own.</summary>
    public byte[] MakeSetting()
    {
        byte[] setting = new byte[MaxSettingLength];
        fixed (byte* output = setting)
        {
            // The system's default method, at its default cost, with the system's random numbers.
            if (_makeSetting is not null && _makeSetting(null, 0, null, 0, output, setting.Length) is not null)
                return setting;
        }
        // Known to every crypt of the last fifteen years.
        return [.. "$6$"u8, .. Convert.ToHexString(RandomNumberGenerator.GetBytes(8)).Select(static digit => (byte)digit), 0];
    }

    private static CryptLibrary? Find()
    {
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, typeof(CryptLibrary).Assembly, DllImportSearchPath.System32, out nint library)
                && NativeLibrary.TryGetExport(library, "crypt_r", out nint crypt))
            {
                _ = NativeLibrary.TryGetExport(library, "crypt_gensalt_rn", out nint makeSetting);
                return new CryptLibrary(crypt, makeSetting);
            }
        }
        return null;
    }
}
