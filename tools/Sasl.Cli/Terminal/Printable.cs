using System.Globalization;
using System.Text;

namespace Sasl.Cli;

/// <summary>Makes what somebody else wrote fit for a terminal.</summary>
internal static class Printable
{
    /// <summary>The text with control characters written out, so that no name moves the cursor or ends a line.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsUnfit))
            return text;
        var shown = new StringBuilder();
        foreach (char character in text)
        {
            if (IsUnfit(character))
                shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            else
                shown.Append(character);
        }
        return shown.ToString();
    }

    private static bool IsUnfit(char character) => char.IsControl(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
