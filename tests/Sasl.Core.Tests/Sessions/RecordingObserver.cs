namespace Sasl.Core.Tests.Sessions;

/// <summary>Keeps what it saw, as words and as it came.</summary>
internal sealed class RecordingObserver : SaslObserver
{
    public List<string> Events { get; } = [];

    public SaslAttempt? Attempt { get; private set; }

    public SaslIdentity? Identity { get; private set; }

    public Exception? Exception { get; private set; }

    public override void Started(SaslAttempt attempt) => Note(attempt, "started");

    public override void Succeeded(SaslAttempt attempt, SaslIdentity identity)
    {
        Identity = identity;
        Note(attempt, "succeeded");
    }

    public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Note(attempt, $"failed {error}: {diagnostic}");

    public override void BackendThrew(SaslAttempt attempt, Exception exception)
    {
        Exception = exception;
        Note(attempt, $"threw {exception.GetType().Name}");
    }

    public override void AnonymousTrace(SaslAttempt attempt, string trace) => Note(attempt, $"trace {trace}");

    private void Note(SaslAttempt attempt, string what)
    {
        lock (Events)
            Events.Add(what);
        Attempt = attempt;
    }
}
