using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl;

/// <summary>Every known mechanism, offered or not, and the first rule that hid it.</summary>
/// <param name="Channel">What the report was made for, such as <c>without TLS</c>.</param>
/// <param name="Entries">One entry a mechanism; the offered ones first, in the order they are offered in.</param>
public sealed record SelectionReport(string Channel, ImmutableArray<SelectionEntry> Entries)
{
    /// <summary>The names that are offered, in order.</summary>
    public IEnumerable<string> Offered => Entries.Where(static entry => entry.IsOffered).Select(static entry => entry.Mechanism);

    /// <summary>The text for exceptions, logs and the command line: one line a mechanism.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"Mechanisms {Channel}:");
        foreach (SelectionEntry entry in Entries)
            text.Append(CultureInfo.InvariantCulture, $"\n  {entry.Mechanism,-19} {(entry.IsOffered ? "offered" : "hidden")}: {entry.Detail}");
        return text.ToString();
    }
}
