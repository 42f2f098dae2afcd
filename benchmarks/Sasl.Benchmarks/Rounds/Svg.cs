using System.Globalization;
using System.Net;

namespace Sasl.Benchmarks;

/// <summary>The few elements of a picture.</summary>
internal static class Svg
{
    public static string Open(int width, int height) => string.Create(CultureInfo.InvariantCulture, $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">
        <rect width="{width}" height="{height}" fill="white"/>
        """);

    public static string Text(double x, double y, string text, string place, string color = "#222") => string.Create(CultureInfo.InvariantCulture,
        $"""<text x="{x:0.#}" y="{y:0.#}" fill="{color}"{(place == "title" ? " font-weight=\"bold\"" : place.Length > 0 ? $" text-anchor=\"{place}\"" : "")}>{WebUtility.HtmlEncode(text)}</text>""");

    public static string Line(double x1, double y1, double x2, double y2, string color = "#888", string dashes = "") => string.Create(CultureInfo.InvariantCulture,
        $"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{color}"{(dashes.Length > 0 ? $" stroke-dasharray=\"{dashes}\"" : "")}/>""");

    public static string Bar(double x, double y, double width, double height, string color) => string.Create(CultureInfo.InvariantCulture,
        $"""<rect x="{x:0.#}" y="{y:0.#}" width="{Math.Max(width, 1):0.#}" height="{height:0.#}" fill="{color}"/>""");

    public static string Path((double X, double Y)[] points, string color) =>
        $"""<polyline fill="none" stroke="{color}" stroke-width="2" points="{string.Join(' ', points.Select(static point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{point.Y:0.#}")))}"/>""";
}
