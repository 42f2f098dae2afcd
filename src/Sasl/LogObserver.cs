using System.Globalization;
using Sasl.Sasldb;

namespace Sasl;

/// <summary>Writes one line an event, as <c>log_level</c> wants it, and passes every event on whatever the level.</summary>
/// <remarks>
/// <code>
/// PLAIN: failed (InvalidCredentials: password mismatch), user "alice@example.com", decided by sasldb, service smtp, from 192.0.2.1:40000
/// </code>
/// The parts stand in this order; those that are unknown are left out. A name cannot look like another part: quotes in it are escaped.
/// </remarks>
internal sealed class LogObserver(SaslLogLevel level, Action<SaslLogLevel, string> write, SaslObserver next) : SaslObserver
{
    private const int MaxReasonLength = 200;

    public override void Started(SaslAttempt attempt)
    {
        next.Started(attempt);
        Write(SaslLogLevel.Debug, attempt, "begins");
    }

    public override void Succeeded(SaslAttempt attempt, SaslIdentity identity)
    {
        next.Succeeded(attempt, identity);
        string acting = identity.Authorized == identity.Authenticated ? "" : $", acting as {Quote(identity.Authorized.ToString())}";
        string bound = identity.ChannelBinding is null ? "" : $", bound by {identity.ChannelBinding}";
        Write(SaslLogLevel.Note, attempt, $"succeeded{acting}{bound}");
    }

    public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic)
    {
        next.Failed(attempt, error, diagnostic);
        Write(SaslLogLevel.Failure, attempt, $"failed ({error}: {diagnostic})");
    }

    public override void BackendThrew(SaslAttempt attempt, Exception exception)
    {
        next.BackendThrew(attempt, exception);
        Write(SaslLogLevel.Error, attempt, $"a back end could not answer ({Describe(exception)})");
    }

    public override void AnonymousTrace(SaslAttempt attempt, string trace)
    {
        next.AnonymousTrace(attempt, trace);
        Write(SaslLogLevel.Note, attempt, $"left the trace {Quote(trace)}");
    }

    /// <summary>What may be said of an exception: the message of ours, which never holds a secret; of others only the kind.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        SasldbException => exception.Message,
        SaslUnavailableException { InnerException: null or SasldbException } => exception.Message,
        SaslUnavailableException { InnerException: { } inner } => $"{exception.Message}: {Describe(inner)}",
        _ => exception.GetType().Name,
    };

    // What another program said. One line of the log stays one.
    private static string Printable(string reason) => string.Concat(reason.Take(MaxReasonLength).Select(static letter => char.IsControl(letter) ? '?' : letter));

    private static string Quote(string name) =>
        $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private void Write(SaslLogLevel at, SaslAttempt attempt, string what)
    {
        if (at > level)
            return;
        string user = attempt.UserName is null ? "" : $", user {Quote(attempt.UserName)}";
        string decided = attempt.DecidedBy is null ? "" : $", decided by {attempt.DecidedBy}{(attempt.Reason is null ? "" : $" ({Quote(Printable(attempt.Reason))})")}";
        string from = attempt.Service.Channel.Remote is { } remote ? $", from {remote}" : "";
        write(at, string.Create(CultureInfo.InvariantCulture,
            $"{attempt.Mechanism?.Name ?? "unknown mechanism"}: {what}{user}{decided}, service {attempt.Service.Service}{from}"));
    }
}
