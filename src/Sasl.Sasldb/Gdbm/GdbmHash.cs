using System.Runtime.InteropServices;

namespace Sasl.Sasldb.Gdbm;

/// <summary>GDBM's hash of keys: 31 bits. Its first bits choose the bucket, its remainder the place where the search in the bucket begins.</summary>
/// <remarks>
/// It adds octets as the C language's <c>char</c>, which has a sign on Intel's machines and on Apple's and has none on most others. So a
/// key with an octet beyond ASCII has two hashes, and a file has the one of the machine that stored the key.
/// </remarks>
internal static class GdbmHash
{
    /// <summary>How many bits a hash has.</summary>
    public const int Bits = 31;

    private const uint Mask = int.MaxValue;

    /// <summary>Whether libgdbm on this machine takes octets from 0x80 on as negative.</summary>
    public static bool IsSignedHere { get; } =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 or Architecture.LoongArch64
        || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows();

    /// <summary>Computes it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isSigned">Whether octets from 0x80 on are negative.</param>
    public static int Of(ReadOnlySpan<byte> key, bool isSigned)
    {
        unchecked
        {
            uint value = 0x238F13AF * (uint)key.Length;
            int shift = 0;
            foreach (byte octet in key)
            {
                uint number = isSigned ? (uint)(sbyte)octet : octet;
                value = (value + (number << shift)) & Mask;
                shift = (shift + 5) % 24;
            }
            return (int)(((1103515243 * value) + 12345) & Mask);
        }
    }

    /// <summary>Whether a key has another hash on other machines.</summary>
    /// <param name="key">The key.</param>
    public static bool IsAmbiguous(ReadOnlySpan<byte> key) => key.ContainsAnyExceptInRange((byte)0, (byte)0x7F);
}
