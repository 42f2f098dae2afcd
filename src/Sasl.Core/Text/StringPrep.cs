using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Sasl;

/// <summary>The steps of RFC 3454 section 2: map, normalise, refuse, check the direction.</summary>
internal static class StringPrep
{
    private const string PrintableAscii =
        """ !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~""";

    private const int NotUtf8 = -1;

    private static readonly SearchValues<char> s_printableChars = SearchValues.Create(PrintableAscii);
    private static readonly SearchValues<byte> s_printableOctets = SearchValues.Create(Encoding.ASCII.GetBytes(PrintableAscii));

    /// <summary>Prepares UTF-8. False, and nothing written, when it is too long, no UTF-8 or refused by the profile.</summary>
    public static bool TryPrepare(ReadOnlySpan<byte> utf8, StringPrepProfile profile, IBufferWriter<byte> output)
    {
        if (utf8.Length > SaslPrep.MaxOctets)
            return false;
        if (utf8.ContainsAnyExcept(s_printableOctets))
            return TryPrepareUnicode(utf8, profile, output);
        output.Write(utf8);
        return true;
    }

    /// <summary>Prepares a string. Printable ASCII is returned as it is, the same object.</summary>
    public static bool TryPrepare(string text, StringPrepProfile profile, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (text.Length > SaslPrep.MaxOctets)
            return false;
        if (!text.AsSpan().ContainsAnyExcept(s_printableChars))
        {
            prepared = text;
            return true;
        }

        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var output = new ArrayBufferWriter<byte>();
        try
        {
            // A lone surrogate is refused here, not replaced.
            if (Utf8.FromUtf16(text, utf8, out _, out int octets, replaceInvalidSequences: false) is not OperationStatus.Done
                || !TryPrepare(utf8.AsSpan(0, octets), profile, output))
                return false;
            prepared = Encoding.UTF8.GetString(output.WrittenSpan);
            return true;
        }
        finally
        {
            output.Clear();
            CryptographicOperations.ZeroMemory(utf8);
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private static bool TryPrepareUnicode(ReadOnlySpan<byte> utf8, StringPrepProfile profile, IBufferWriter<byte> output)
    {
        int count = Expand(utf8, profile, points: []);
        if (count is NotUtf8)
            return false;
        long[] rented = ArrayPool<long>.Shared.Rent(count);
        try
        {
            Span<long> points = rented.AsSpan(0, Expand(utf8, profile, rented));
            if (profile.Canonicalizes)
                points = points[..Nfkc.Finish(points)];
            if (!IsAllowed(points, profile.Prohibited))
                return false;
            Encode(points, output);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(rented.AsSpan()));
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    /// <summary>Decodes, and when the profile says so maps and decomposes. Returns how many code points that makes, room or not.</summary>
    private static int Expand(ReadOnlySpan<byte> utf8, StringPrepProfile profile, Span<long> points)
    {
        var writer = new CodePointWriter(points);
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int octets) is not OperationStatus.Done)
                return NotUtf8;
            utf8 = utf8[octets..];
            if (profile.Canonicalizes)
                MapAndDecompose(rune.Value, ref writer);
            else
                writer.Append(rune.Value);
        }

        return writer.Count;
    }

    private static void MapAndDecompose(int point, ref CodePointWriter writer)
    {
        StringPrepTable tables = CodePoint.TablesOf(point);

        // U+200B is in both tables. RFC 4013 names the spaces first; GNU SASL (libidn) and PostgreSQL make it a SPACE too.
        if ((tables & StringPrepTable.C12) != 0)
            writer.Append(' ');
        else if ((tables & StringPrepTable.B1) == 0)
            Nfkc.Decompose(point, ref writer);
    }

    /// <summary>Whether the result holds no prohibited code point and passes the bidirectional check of RFC 3454 section 6.</summary>
    private static bool IsAllowed(ReadOnlySpan<long> points, StringPrepTable prohibited)
    {
        StringPrepTable seen = StringPrepTable.None;
        foreach (long point in points)
            seen |= CodePoint.TablesOf((int)point);
        if ((seen & prohibited) != 0)
            return false;
        return (seen & StringPrepTable.D1) == 0
            || ((seen & StringPrepTable.D2) == 0 && IsRightToLeft(points[0]) && IsRightToLeft(points[^1]));
    }

    private static bool IsRightToLeft(long point) => (CodePoint.TablesOf((int)point) & StringPrepTable.D1) != 0;

    private static void Encode(ReadOnlySpan<long> points, IBufferWriter<byte> output)
    {
        int octets = 0;
        foreach (long point in points)
            octets += new Rune((int)point).Utf8SequenceLength;
        Span<byte> room = output.GetSpan(octets);
        foreach (long point in points)
            room = room[new Rune((int)point).EncodeToUtf8(room)..];
        output.Advance(octets);
    }
}
