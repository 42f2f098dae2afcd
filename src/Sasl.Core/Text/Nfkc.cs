using System.Text;

namespace Sasl;

/// <summary>Normalisation form KC of Unicode 3.2, which RFC 3454 section 4 requires, in place and without the platform.</summary>
/// <remarks>
/// Composition follows Unicode's Corrigendum 5, as every current implementation does; RFC 4013 section 4 mentions the anomaly it repairs.
/// A code point that is unassigned in Unicode 3.2 neither decomposes, reorders nor composes.
/// </remarks>
internal static class Nfkc
{
    // A code point has 21 bits. While marks are sorted, their position and their combining class stand above it.
    private const int PositionShift = 24;
    private const int ClassShift = 48;
    private const long PointMask = (1L << PositionShift) - 1;

    /// <summary>Appends the full compatibility decomposition of one code point.</summary>
    public static void Decompose(int point, ref CodePointWriter output)
    {
        if (Hangul.TryDecompose(point, ref output))
            return;
        ReadOnlySpan<char> decomposition = CodePoint.DecompositionOf(point);
        if (decomposition.IsEmpty)
            output.Append(point);
        foreach (Rune rune in decomposition.EnumerateRunes())
            output.Append(rune.Value);
    }

    /// <summary>Orders and composes what was decomposed; returns how many code points remain at the front.</summary>
    public static int Finish(Span<long> points)
    {
        OrderMarks(points);
        return Compose(points);
    }

    /// <summary>Sorts each run of marks by combining class, equal ones in the order they came.</summary>
    private static void OrderMarks(Span<long> points)
    {
        int start = 0;
        for (int i = 0; i <= points.Length; i++)
        {
            int combiningClass = i < points.Length ? CodePoint.CombiningClassOf((int)points[i]) : 0;
            if (combiningClass != 0)
            {
                points[i] |= (long)combiningClass << ClassShift | (long)i << PositionShift;
                continue;
            }

            // Not an insertion sort: a peer may send tens of thousands of marks in the worst order.
            Span<long> marks = points[start..i];
            marks.Sort();
            foreach (ref long mark in marks)
                mark &= PointMask;
            start = i + 1;
        }
    }

    /// <summary>Joins each starter with the marks and letters after it that nothing blocks.</summary>
    private static int Compose(Span<long> points)
    {
        int count = 0;
        int starter = -1;
        int lastClass = 0;
        foreach (long point in points)
        {
            int combiningClass = CodePoint.CombiningClassOf((int)point);
            bool blocked = starter < 0 || (count > starter + 1 && lastClass >= combiningClass);
            if (!blocked && TryCompose((int)points[starter], (int)point, out int composite))
            {
                points[starter] = composite;
                continue;
            }

            if (combiningClass == 0)
                starter = count;
            lastClass = combiningClass;
            points[count++] = point;
        }

        return count;
    }

    private static bool TryCompose(int first, int second, out int composite) =>
        Hangul.TryCompose(first, second, out composite) || CodePoint.TryCompose(first, second, out composite);
}
