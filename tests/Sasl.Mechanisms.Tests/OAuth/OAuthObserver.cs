namespace Sasl.Mechanisms.Tests;

/// <summary>Keeps what an observer is told of the last exchange that ended.</summary>
internal sealed class OAuthObserver : SaslObserver
{
    public SaslAttempt? Attempt { get; private set; }

    public SaslError Error { get; private set; }

    public string? Diagnostic { get; private set; }

    public Exception? Thrown { get; private set; }

    public override void Succeeded(SaslAttempt attempt, SaslIdentity identity) => Attempt = attempt;

    public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => (Attempt, Error, Diagnostic) = (attempt, error, diagnostic);

    public override void BackendThrew(SaslAttempt attempt, Exception exception) => Thrown = exception;
}
