namespace Sasl.Tests.History;

/// <summary>Keeps what an administrator may learn, as text.</summary>
internal sealed class CollectingObserver : SaslObserver
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public List<SaslError> Errors { get; } = [];

    public override void Started(SaslAttempt attempt) => Add($"started {Describe(attempt)}");

    public override void Succeeded(SaslAttempt attempt, SaslIdentity identity) => Add($"succeeded {Describe(attempt)} {identity}");

    public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic)
    {
        Add($"failed {Describe(attempt)} {error} {diagnostic}");
        Errors.Add(error);
    }

    public override void BackendThrew(SaslAttempt attempt, Exception exception) => Add($"threw {Describe(attempt)} {exception}");

    public override void AnonymousTrace(SaslAttempt attempt, string trace) => Add($"trace {Describe(attempt)} {trace}");

    private static string Describe(SaslAttempt attempt) =>
        $"{attempt} {attempt.Mechanism} {attempt.UserName} {attempt.DecidedBy} {attempt.Service}";

    private void Add(string line)
    {
        lock (_lines)
            _lines.Add(line);
    }
}
