using System.Buffers;

namespace Sasl.Saslauthd;

/// <summary>Makes what a daemon says fit for a log: it may have come from a client, a directory or another server first.</summary>
internal static class DaemonText
{
    /// <summary>How much of it is kept.</summary>
    public const int MaxLength = 200;

    private const byte Odd = (byte)'?';

    private static readonly SearchValues<byte> s_printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static value => (byte)value)]);

    /// <summary>Copies text; what is not printable ASCII becomes a question mark, and what is beyond <see cref="MaxLength"/> is left out.</summary>
    /// <returns>Null when there is none.</returns>
    public static string? Printable(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return null;
        Span<byte> printable = stackalloc byte[MaxLength];
        printable = printable[..Math.Min(text.Length, MaxLength)];
        text[..printable.Length].CopyTo(printable);
        for (int odd; (odd = printable.IndexOfAnyExcept(s_printable)) >= 0;)
            printable[odd] = Odd;
        return System.Text.Encoding.ASCII.GetString(printable);
    }
}
