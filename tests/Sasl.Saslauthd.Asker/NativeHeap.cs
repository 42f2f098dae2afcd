using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sasl.Saslauthd.Asker;

/// <summary>What malloc(3) has given out and not got back.</summary>
internal static partial class NativeHeap
{
    /// <summary>Octets, in all arenas and in mappings of their own.</summary>
    public static long Used()
    {
        Report report = Get();
        return (long)(report[7] + report[4]);    // uordblks, hblkhd
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial Report Get();

    /// <summary>glibc's <c>struct mallinfo2</c>: ten numbers.</summary>
    [InlineArray(10)]
    private struct Report
    {
        private nuint _first;
    }
}
