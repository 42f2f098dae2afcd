namespace Sasl;

/// <summary>Writes what concerns no one exchange to the log, as far as <c>log_level</c> lets it.</summary>
internal sealed class LogLine(SaslLogLevel level, Action<SaslLogLevel, string>? write)
{
    private static readonly string[] s_included = ["back ends that cannot answer", "failed logins", "warnings", "successful logins", "every exchange that begins"];

    public SaslLogLevel Level => level;

    /// <summary>Wraps an observer so that events are logged, too.</summary>
    public SaslObserver Observe(SaslObserver observer) => write is null || level is SaslLogLevel.None ? observer : new LogObserver(level, write, observer);

    /// <summary>Says, whatever the level but 0, what will be logged, how the server came to be what it is, and what is odd about its configuration.</summary>
    public void Start(SaslExplanation explanation)
    {
        if (level is SaslLogLevel.None || write is null)
            return;
        int included = Math.Min((int)level, s_included.Length);
        write(SaslLogLevel.Note, $"log_level {(int)level} for service {explanation.Service}: {string.Join(", ", s_included.Take(included))}");
        write(SaslLogLevel.Note, DescribeFiles(explanation));
        write(SaslLogLevel.Note, $"service {explanation.Service} on {explanation.ServerName}; realm: {explanation.RealmText}");
        foreach (SelectionReport report in explanation.Reports)
            write(SaslLogLevel.Note, Describe(report));
        foreach (SaslConfigurationWarning warning in explanation.Warnings)
            write(SaslLogLevel.Warning, warning.ToString());
    }

    public void Warn(string message) => Write(SaslLogLevel.Warning, message);

    public void BackendThrew(string kind, string name, Exception exception) =>
        Write(SaslLogLevel.Error, $"the {kind} {name} could not answer ({LogObserver.Describe(exception)})");

    public void TransitionFailed(SaslUser user, Exception exception) =>
        Write(SaslLogLevel.Error, $"the password of {user} could not be stored ({LogObserver.Describe(exception)})");

    private static string DescribeFiles(SaslExplanation explanation) => explanation.Search is { } search
        ? $"configuration of {search.Application}: {search.File ?? "no file, every option has its default"} "
            + $"(directories named by {search.OriginName}: {string.Join("; ", search.Places)})"
        : $"configuration: {explanation.Configuration.Source}";

    // Mechanisms that the same rule hides share its mention; a log wants one line.
    private static string Describe(SelectionReport report)
    {
        string offered = string.Join(' ', report.Offered);
        IEnumerable<string> hidden = report.Entries.Where(static entry => !entry.IsOffered).GroupBy(static entry => entry.Detail)
            .Select(static group => $"{string.Join(' ', group.Select(static entry => entry.Mechanism))} ({group.Key})");
        string others = string.Join(", ", hidden);
        return $"mechanisms {report.Channel}: {(offered.Length > 0 ? offered : "none")}{(others.Length > 0 ? $"; hidden: {others}" : "")}";
    }

    private void Write(SaslLogLevel at, string message)
    {
        if (at <= level)
            write?.Invoke(at, message);
    }
}
