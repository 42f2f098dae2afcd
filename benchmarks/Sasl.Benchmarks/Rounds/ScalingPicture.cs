using System.Text;

namespace Sasl.Benchmarks;

/// <summary>Draws the curves, one plot under the other; the axis at the bottom counts the points, so that 10 and 100,000 users are on one picture.</summary>
internal static class ScalingPicture
{
    private const int Width = 760;
    private const int Height = 190;
    private const int Left = 70;
    private const int Right = 200;
    private const int Top = 34;
    private const int Bottom = 32;

    private static readonly string[] s_colors = ["#2a6fb0", "#c2571a"];

    /// <summary>Makes the SVG.</summary>
    public static string Draw(ScalingFigures figures)
    {
        Curve[][] plots = [.. figures.Curves.GroupBy(static curve => curve.Plot).Select(static plot => plot.ToArray())];
        var svg = new StringBuilder();
        svg.AppendLine(Svg.Open(Width, Height * plots.Length));
        for (int i = 0; i < plots.Length; i++)
            Plot(svg, plots[i], Height * i);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void Plot(StringBuilder svg, Curve[] curves, int top)
    {
        double most = curves.Max(static curve => curve.Points.Max(static point => point.Y)) * 1.1;
        int count = curves[0].Points.Length;
        svg.AppendLine(Svg.Text(Left, top + 18, curves[0].Plot, "title"));
        svg.AppendLine(Svg.Line(Left, top + Top, Left, top + Height - Bottom));
        svg.AppendLine(Svg.Line(Left, top + Height - Bottom, Width - Right, top + Height - Bottom));
        svg.AppendLine(Svg.Text(Left - 6, top + Top + 10, Show.Number(most), "end"));
        svg.AppendLine(Svg.Text(Left - 6, top + Height - Bottom, "0", "end"));
        for (int i = 0; i < count; i++)
            svg.AppendLine(Svg.Text(X(i, count), top + Height - Bottom + 16, Show.Number(curves[0].Points[i].X), "middle"));
        svg.AppendLine(Svg.Text(Width - Right + 14, top + Height - Bottom + 16, curves[0].Axis, ""));
        for (int i = 0; i < curves.Length; i++)
        {
            IEnumerable<(double, double)> line = curves[i].Points.Select((point, at) => (X(at, count), top + Top + ((Height - Top - Bottom) * (1 - (point.Y / most)))));
            svg.AppendLine(Svg.Path([.. line], s_colors[i]));
            svg.AppendLine(Svg.Text(Width - Right + 14, top + Top + 14 + (18 * i), curves[i].Name, "", s_colors[i]));
        }
    }

    private static double X(int at, int count) => Left + 20 + ((Width - Left - Right - 40) * at / (double)Math.Max(1, count - 1));
}
