using System.Diagnostics;
using System.Globalization;

namespace Sasl.Benchmarks;

/// <summary>A new process each time: from the first statement of the program to the end of its first PLAIN login. <c>bench.sh</c> publishes the program.</summary>
internal static class ColdStart
{
    private const int Rounds = 15;
    private const double Factor = 10;
    private const string Title = "cold start: library set up and first PLAIN";

    private static readonly string? s_folder = Environment.GetEnvironmentVariable("SASL_COLD_START");

    /// <summary>Starts the program again and again.</summary>
    public static IEnumerable<Row> Run()
    {
        if (s_folder is null)
        {
            yield return Row.Missing($"{Title}, AOT (published by bench.sh)", Peer.Cyrus, $"≥ {Factor}×");
            yield break;
        }
        yield return Compare("AOT", Path.Combine(s_folder, "aot", "Sasl.ColdStart"), Factor);
        yield return Compare("JIT", Path.Combine(s_folder, "jit", "Sasl.ColdStart"), 0);
    }

    // libsasl2 is called by the AOT program in both lines: there nothing is compiled that would be added to its time.
    private static Row Compare(string how, string program, double factor)
    {
        string native = Path.Combine(s_folder!, "aot", "Sasl.ColdStart");
        var pairs = new List<(double Ours, double Theirs)>();
        for (int round = 0; round < Rounds; round++)
            pairs.Add((Start(program, "ours"), Peer.IsThere(Peer.Cyrus) ? Start(native, "libsasl2") : double.NaN));
        string ours = Show.Time(Referee.Median(pairs.Select(static pair => pair.Ours)));
        string target = factor > 0 ? $"≥ {factor}×" : "";
        if (!Peer.IsThere(Peer.Cyrus))
            return Row.Missing($"{Title}, {how}", Peer.Cyrus, target) with { Ours = ours };
        double[] ratios = [.. pairs.Select(static pair => pair.Theirs / pair.Ours)];
        double ratio = Referee.Median(ratios);
        return new Row($"{Title}, {how}", Peer.Cyrus, ours, Show.Time(Referee.Median(pairs.Select(static pair => pair.Theirs))), target, factor > 0 ? ratio >= factor : null)
        {
            Ratio = (ratio, ratios.Min(), ratios.Max()),
            Factor = factor,
        };
    }

    private static double Start(string program, string which)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, which) { RedirectStandardOutput = true })!;
        string written = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && double.TryParse(written, CultureInfo.InvariantCulture, out double nanoseconds)
            ? nanoseconds
            : throw new InvalidOperationException($"{program} {which} has failed.");
    }
}
