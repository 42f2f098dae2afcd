using System.Globalization;

namespace Sasl.Benchmarks;

/// <summary>Writes figures out.</summary>
internal static class Show
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    public static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => $"{Number(nanoseconds)} ns",
        < 1e6 => $"{Number(nanoseconds / 1e3)} µs",
        < 1e9 => $"{Number(nanoseconds / 1e6)} ms",
        _ => $"{Number(nanoseconds / 1e9)} s",
    };

    public static string Speed(double nanoseconds, int octets) => $"{Number(octets / nanoseconds * 1e3)} MB/s";

    /// <summary>Three digits.</summary>
    public static string Number(double value) => value switch
    {
        0 => "0",
        < 10 => value.ToString("0.##", s_culture),
        < 100 => value.ToString("0.#", s_culture),
        _ => value.ToString("#,0", s_culture),
    };

    public static string Octets(double octets) => $"{octets.ToString("#,0", s_culture)} B";
}
