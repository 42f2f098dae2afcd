namespace Sasl;

/// <summary>Writes what concerns no one exchange to the log, as far as <c>log_level</c> lets it.</summary>
internal sealed class LogLine(SaslLogLevel level, Action<SaslLogLevel, string>? write)
{
    private static readonly string[] s_included = ["back ends that cannot answer", "failed logins", "warnings", "successful logins", "every exchange that begins"];

    public SaslLogLevel Level => level;

    /// <summary>Wraps an observer so that events are logged, too.</summary>
    public SaslObserver Observe(SaslObserver observer) => write is null || level is SaslLogLevel.None ? observer : new LogObserver(level, write, observer);

    /// <summary>Says, whatever the level but 0, what will be logged and what is odd about the configuration.</summary>
    public void Start(SaslExplanation explanation)
    {
        if (level is SaslLogLevel.None)
            return;
        int included = Math.Min((int)level, s_included.Length);
        write?.Invoke(SaslLogLevel.Note, $"log_level {(int)level} for service {explanation.Service}: {string.Join(", ", s_included.Take(included))}");
        foreach (SaslConfigurationWarning warning in explanation.Warnings)
            write?.Invoke(SaslLogLevel.Warning, warning.ToString());
    }

    public void Warn(string message) => Write(SaslLogLevel.Warning, message);

    public void BackendThrew(string kind, string name, Exception exception) =>
        Write(SaslLogLevel.Error, $"the {kind} {name} could not answer ({LogObserver.Describe(exception)})");

    public void TransitionFailed(SaslUser user, Exception exception) =>
        Write(SaslLogLevel.Error, $"the password of {user} could not be stored ({LogObserver.Describe(exception)})");

    private void Write(SaslLogLevel at, string message)
    {
        if (at <= level)
            write?.Invoke(at, message);
    }
}
