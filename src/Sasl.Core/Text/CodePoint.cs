using System.Runtime.InteropServices;

namespace Sasl;

/// <summary>What the generated tables say about one code point, and about two that meet.</summary>
internal static class CodePoint
{
    /// <summary>The tables of RFC 3454 that it stands in.</summary>
    public static StringPrepTable TablesOf(int point) =>
        (StringPrepTable)StringPrepTables.Classes[RunOf(StringPrepTables.ClassStarts, point)];

    /// <summary>Its canonical combining class; 0 for a starter.</summary>
    public static int CombiningClassOf(int point) =>
        StringPrepTables.CombiningClasses[RunOf(StringPrepTables.CombiningStarts, point)];

    /// <summary>Its full compatibility decomposition as UTF-16; empty when it is its own. Hangul syllables are not in the table.</summary>
    public static ReadOnlySpan<char> DecompositionOf(int point)
    {
        int run = RunOf(StringPrepTables.DecompositionStarts, point);
        if (run < 0)
            return [];
        int entry = StringPrepTables.DecompositionEntries[run] + point - StringPrepTables.DecompositionStarts[run];
        if (entry >= StringPrepTables.DecompositionEntries[run + 1])
            return [];
        ReadOnlySpan<ushort> offsets = StringPrepTables.DecompositionOffsets;
        return MemoryMarshal.Cast<ushort, char>(StringPrepTables.DecompositionPool[offsets[entry]..offsets[entry + 1]]);
    }

    /// <summary>The primary composite of two code points; false when they stay apart. Hangul syllables are not in the table.</summary>
    public static bool TryCompose(int first, int second, out int composite)
    {
        // No pair of Unicode 3.2 reaches above this; the generator asserts it.
        const int HighestInPairs = 0x7FFF;
        composite = 0;
        if (first > HighestInPairs || second > HighestInPairs)
            return false;
        int pair = first << 16 | second;
        int run = RunOf(StringPrepTables.CompositionPairs, pair);
        if (run < 0 || StringPrepTables.CompositionPairs[run] != pair)
            return false;
        composite = StringPrepTables.Compositions[run];
        return true;
    }

    /// <summary>The last run that begins at or before a value; -1 when it stands before the first.</summary>
    private static int RunOf(ReadOnlySpan<int> starts, int value)
    {
        int low = 0;
        int high = starts.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (starts[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }
}
