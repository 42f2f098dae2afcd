using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Benchmarks;

/// <summary>Writes docs/performance.md.</summary>
internal static class PerformancePage
{
    private const int FloorRounds = 20_000;

    /// <summary>Makes the page.</summary>
    /// <param name="board">The groups and their lines.</param>
    /// <param name="scaling">The curves.</param>
    /// <param name="took">How long all of it took.</param>
    public static string Write(IReadOnlyList<(string Group, Row[] Rows)> board, ScalingFigures scaling, TimeSpan took)
    {
        Row[] rows = [.. board.SelectMany(static group => group.Rows)];
        var page = new StringBuilder();
        page.AppendLine("# Performance").AppendLine();
        page.AppendLine("Made by `./bench.sh`; do not edit. What the figures mean, and why a target is missed, is in [performance-notes.md](performance-notes.md).").AppendLine();
        page.AppendLine(CultureInfo.InvariantCulture, $"- Date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC; the run took {took.TotalMinutes:F1} minutes.");
        page.AppendLine(CultureInfo.InvariantCulture, $"- Machine: {Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, load {Load()} at the end.");
        page.AppendLine(CultureInfo.InvariantCulture, $"- Versions: {Versions()}.");
        page.AppendLine(CultureInfo.InvariantCulture, $"- Targets: {rows.Count(static row => row.IsMet is true)} met, {rows.Count(static row => row.IsMet is false)} missed.");
        foreach (string complaint in Peer.Missing())
            page.AppendLine(CultureInfo.InvariantCulture, $"- **{complaint}**");
        page.AppendLine();
        page.AppendLine("One thread; client and server in one process; messages are handed over in memory. All libraries of a row run by turns in 61 rounds of a few milliseconds; the ratio is the");
        page.AppendLine("median of the rounds, with the least and the greatest in parentheses. Compare ratios, not times: times move with what else the machine does.").AppendLine();
        page.AppendLine("![Ratios](performance.svg)").AppendLine();
        foreach ((string group, Row[] lines) in board.Where(static group => group.Rows.Length > 0))
            Table(page, group, lines);
        Floors(page);
        Curves(page, scaling);
        return page.ToString();
    }

    private static void Table(StringBuilder page, string group, Row[] rows)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"## {group}").AppendLine();
        page.AppendLine("| path | against | ours | theirs | ratio | target | met | allocated |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (Row row in rows)
        {
            string ratio = row.Ratio is { } found ? $"**{Show.Number(found.Median)}×** ({Show.Number(found.Least)}–{Show.Number(found.Greatest)})" : "";
            string met = row.IsMet switch { true => "yes", false => "**no**", null => "" };
            string allocated = row.Allocated is { } octets ? Show.Octets(octets) : "";
            page.AppendLine(CultureInfo.InvariantCulture, $"| {row.Path} | {row.Against} | {row.Ours} | {row.Theirs} | {ratio} | {row.Target} | {met} | {allocated} |");
        }
        page.AppendLine();
    }

    private static void Floors(StringBuilder page)
    {
        page.AppendLine("## Floors").AppendLine();
        page.AppendLine("The platform's own primitives, each called most simply, for comparison.").AppendLine();
        page.AppendLine("| primitive | time |").AppendLine("|---|---|");
        foreach ((string title, Action act) in FloorContests.All)
        {
            Contestant floor = Contestant.Of(Peer.Platform, act);
            floor.Run(FloorRounds);
            double each = Referee.Median(Enumerable.Range(0, 5).Select(_ => floor.Run(FloorRounds) / FloorRounds));
            page.AppendLine(CultureInfo.InvariantCulture, $"| {title} | {Show.Time(each)} |");
        }
        page.AppendLine();
    }

    private static void Curves(StringBuilder page, ScalingFigures scaling)
    {
        page.AppendLine("## Scaling").AppendLine().AppendLine("![Scaling](performance-scaling.svg)").AppendLine();
        foreach (Curve curve in scaling.Curves)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"{curve.Plot}: {curve.Name}").AppendLine();
            page.AppendLine(CultureInfo.InvariantCulture, $"| {curve.Axis} | {string.Join(" | ", curve.Points.Select(static point => Show.Number(point.X)))} |");
            page.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(curve.Points.Select(static _ => "---|"))}");
            page.AppendLine(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", curve.Points.Select(static point => Show.Number(point.Y)))} |").AppendLine();
        }
    }

    private static string Versions() => string.Join(", ", new[]
    {
        RuntimeInformation.FrameworkDescription,
        Libsasl2.IsThere ? $"libsasl2 {Libsasl2.Version}" : "libsasl2 not installed",
        Libgsasl.IsThere ? $"libgsasl {Libgsasl.Version}" : "libgsasl not installed",
        $"MailKit {MailKitClient.Version}",
    });

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
        : "unknown processor";

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
