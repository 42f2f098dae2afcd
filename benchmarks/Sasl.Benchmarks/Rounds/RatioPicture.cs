using System.Text;

namespace Sasl.Benchmarks;

/// <summary>Draws how many times as fast this library is, on a logarithmic scale: green where the target is met, red where it is missed, a mark at the target.</summary>
internal static class RatioPicture
{
    private const int Width = 1080;
    private const int Left = 560;
    private const int Right = 90;
    private const int Step = 20;
    private const int Top = 40;
    private const int LeastPower = -1;
    private const int GreatestPower = 4;

    /// <summary>Makes the SVG.</summary>
    public static string Draw(IReadOnlyList<Row> rows)
    {
        Row[] drawn = [.. rows.Where(static row => row.Ratio is not null)];
        int height = Top + (Step * drawn.Length) + 10;
        var svg = new StringBuilder();
        svg.AppendLine(Svg.Open(Width, height));
        svg.AppendLine(Svg.Text(10, 18, "How many times as fast this library is", "title"));
        for (int power = LeastPower; power <= GreatestPower; power++)
        {
            double x = X(Math.Pow(10, power));
            svg.AppendLine(Svg.Line(x, Top - 6, x, height - 6, power == 0 ? "#444" : "#ccc"));
            svg.AppendLine(Svg.Text(x, Top - 10, $"{Show.Number(Math.Pow(10, power))}×", "middle"));
        }
        for (int i = 0; i < drawn.Length; i++)
            Bar(svg, drawn[i], Top + (Step * i));
        return svg.AppendLine("</svg>").ToString();
    }

    private static void Bar(StringBuilder svg, Row row, int y)
    {
        double ratio = row.Ratio!.Value.Median;
        double from = Math.Min(X(1), X(ratio)), to = Math.Max(X(1), X(ratio));
        string color = row.IsMet switch { true => "#3a9a5b", false => "#c0392b", null => "#8aa4bd" };
        string label = $"{row.Path} / {row.Against}";
        svg.AppendLine(Svg.Text(Left - 8, y + 13, label.Length > 92 ? label[..91] + "…" : label, "end"));
        svg.AppendLine(Svg.Bar(from, y + 3, to - from, Step - 6, color));
        svg.AppendLine(Svg.Text(to + 6, y + 13, $"{Show.Number(ratio)}×", ""));
        if (row.Factor > 0)
            svg.AppendLine(Svg.Line(X(row.Factor), y + 1, X(row.Factor), y + Step - 1, "#000"));
    }

    private static double X(double ratio) =>
        Left + ((Width - Left - Right) * (Math.Clamp(Math.Log10(ratio), LeastPower, GreatestPower) - LeastPower) / (GreatestPower - LeastPower));
}
