namespace Sasl.Kerberos.Tests;

/// <summary>Remembers what an observer is told of failures.</summary>
internal sealed class Watcher : SaslObserver
{
    public List<string> Diagnostics { get; } = [];

    public List<Exception> Exceptions { get; } = [];

    public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Diagnostics.Add(diagnostic);

    public override void BackendThrew(SaslAttempt attempt, Exception exception) => Exceptions.Add(exception);
}
