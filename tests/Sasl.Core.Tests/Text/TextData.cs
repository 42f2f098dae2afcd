using System.Globalization;
using System.Text;

namespace Sasl.Core.Tests.Preparation;

/// <summary>The files of the folder data, and the notation of code points in them.</summary>
internal static class TextData
{
    public static Stream Open(string name) =>
        typeof(TextData).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException("Not embedded.", name);

    /// <summary>The fields of each line that is no comment.</summary>
    public static IEnumerable<string[]> Rows(string name)
    {
        using var reader = new StreamReader(Open(name));
        while (reader.ReadLine() is { } line)
            if (line[0] != '#')
                yield return line.Split(' ');
    }

    /// <summary>"0041.1F600" is "A😀", "~" is the empty string.</summary>
    public static string ParsePoints(string points) =>
        points == "~" ? "" : string.Concat(points.Split('.').Select(static point => char.ConvertFromUtf32(ParsePoint(point))));

    public static int ParsePoint(string point) => int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The notation back, so that a failing test can be read; null is "-".</summary>
    public static string Show(string? text) =>
        text is null ? "-" : text.Length == 0 ? "~" : string.Join('.', text.EnumerateRunes().Select(static rune => $"{rune.Value:X4}"));

    /// <summary>What a row's outcome says of its input: "-" refused, "=" unchanged, else the result.</summary>
    public static string? Expected(string outcome, string input) => outcome switch
    {
        "-" => null,
        "=" => input,
        _ => ParsePoints(outcome),
    };
}
