using System.Diagnostics;

namespace Sasl.Benchmarks;

/// <summary>Runs the groups and writes docs/performance.md.</summary>
internal static class Scoreboard
{
    private static readonly (string Name, Func<IEnumerable<Row>> Run)[] s_groups =
    [
        ("Exchange", static () => Judge(ExchangeContests.Whole)),
        ("Server", static () => Judge(ExchangeContests.Server)),
        ("Client", static () => Judge(ExchangeContests.Client)),
        ("Session", static () => [.. SessionContests.Memory(), .. Judge(SessionContests.All)]),
        ("Sasldb", static () => [.. Judge(SasldbContests.All), .. Judge(LookupContests.All)]),
        ("Layer", static () => Judge(LayerContests.All)),
        ("Smtp", static () => Judge(SmtpContests.All)),
        ("ColdStart", ColdStart.Run),
        ("Saslauthd", SaslauthdLoad.Run),
    ];

    // Only when it is asked for: a minute and a gigabyte.
    private static readonly (string Name, Func<IEnumerable<Row>> Run) s_million = ("Million", static () => Judge(LookupContests.Million));

    /// <summary>Runs all groups and writes the page, or those whose names hold the word and prints them.</summary>
    /// <param name="args"><c>--write FOLDER</c>, or a word.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        string? folder = args is ["--write", var given] ? given : null;
        string word = folder is null && args is [var only] ? only : "";
        long begun = Stopwatch.GetTimestamp();
        var board = new List<(string Group, Row[] Rows)>();
        foreach ((string name, Func<IEnumerable<Row>> run) in (word == s_million.Name ? [s_million] : s_groups).Where(group => group.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            Console.WriteLine($"\n{name}");
            var rows = new List<Row>();
            foreach (Row row in run())
            {
                Print(row);
                rows.Add(row);
            }
            board.Add((name, [.. rows]));
        }
        if (board.Count == 0)
        {
            Console.Error.WriteLine($"There is no group \"{word}\"; there are {string.Join(", ", s_groups.Select(static group => group.Name))}, and Scaling.");
            return 64;
        }
        if (folder is not null)
        {
            ScalingFigures scaling = Scaling.Measure();
            TimeSpan took = Stopwatch.GetElapsedTime(begun);
            await File.WriteAllTextAsync(Path.Combine(folder, "performance.md"), PerformancePage.Write(board, scaling, took));
            await File.WriteAllTextAsync(Path.Combine(folder, "performance.svg"), RatioPicture.Draw([.. board.SelectMany(static group => group.Rows)]));
            await File.WriteAllTextAsync(Path.Combine(folder, "performance-scaling.svg"), ScalingPicture.Draw(scaling));
            Console.WriteLine($"\nWritten to {folder} after {took.TotalMinutes:F1} minutes.");
        }
        return 0;
    }

    // One contest after the other, each shown as soon as it has ended.
    private static IEnumerable<Row> Judge(IEnumerable<Contest> contests) => contests.SelectMany(JudgeOne);

    // A peer of another version may refuse what this one does; the other contests are worth having all the same.
    private static IEnumerable<Row> JudgeOne(Contest contest)
    {
        try
        {
            return Referee.Judge(contest);
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine($"FAILED: {contest.Title}: {exception.Message}");
            return [.. contest.Goals.Select(goal => new Row(contest.Title, goal.Against, "", $"**failed: {exception.Message}**", goal.Words, false))];
        }
    }

    private static void Print(Row row) => Console.WriteLine(
        $"  {(row.IsMet switch { true => "met   ", false => "MISSED", null => "      " })} {row.Path}: {row.Ours}"
        + (row.Against.Length > 0 ? $" against {row.Against} {row.Theirs}" : "")
        + (row.Ratio is { } ratio ? $", {Show.Number(ratio.Median)}× ({Show.Number(ratio.Least)}–{Show.Number(ratio.Greatest)})" : "")
        + (row.Target.Length > 0 ? $", target {row.Target}" : "")
        + (row.Allocated is { } octets ? $", {octets:N0} B" : ""));
}
