using Microsoft.Extensions.Logging;

namespace Sasl.Saslauthd.Hosting;

/// <summary>The daemon's log in an <see cref="ILogger"/>: every fact of a request is a field of its own.</summary>
/// <param name="logger">Where to.</param>
public sealed partial class SaslauthdLoggerLog(ILogger logger) : SaslauthdLog
{
    /// <inheritdoc/>
    public override void Write(SaslauthdRequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        double milliseconds = record.Duration.TotalMilliseconds;
        if (record.Outcome is PasswordOutcome.Match)
            Succeeded(logger, record.Login, record.Realm, record.Service, record.ClientAddress, record.Checker, record.IsCached, milliseconds);
        else if (record.Outcome is PasswordOutcome.Unavailable)
            Unanswered(logger, record.Login, record.Realm, record.Service, record.ClientAddress, record.Checker, record.Reason, milliseconds);
        else
            Failed(logger, record.Login, record.Realm, record.Service, record.ClientAddress, record.Checker, record.Outcome, record.Reason, milliseconds);
    }

    /// <inheritdoc/>
    public override void Note(SaslauthdNoteLevel level, string text)
    {
        LogLevel logLevel = level switch
        {
            SaslauthdNoteLevel.Debug => LogLevel.Debug,
            SaslauthdNoteLevel.Information => LogLevel.Information,
            SaslauthdNoteLevel.Warning => LogLevel.Warning,
            SaslauthdNoteLevel.Error => LogLevel.Error,
        };
        string line = SaslauthdLogLine.OfNote(text);
        Noted(logger, logLevel, line);
    }

    [LoggerMessage(1, LogLevel.Information, "auth success: {Login} {Realm} {Service} {Client} {Checker} cached {Cached} {Milliseconds} ms")]
    private static partial void Succeeded(
        ILogger logger, string login, string realm, string service, string? client, string checker, bool cached, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "auth failure: {Login} {Realm} {Service} {Client} {Checker} {Outcome} {Reason} {Milliseconds} ms")]
    private static partial void Failed(
        ILogger logger, string login, string realm, string service, string? client, string checker, PasswordOutcome outcome, string? reason, double milliseconds);

    [LoggerMessage(3, LogLevel.Error, "auth not answered: {Login} {Realm} {Service} {Client} {Checker} {Reason} {Milliseconds} ms")]
    private static partial void Unanswered(
        ILogger logger, string login, string realm, string service, string? client, string checker, string? reason, double milliseconds);

    [LoggerMessage(EventId = 4, Message = "saslauthd: {Text}")]
    private static partial void Noted(ILogger logger, LogLevel level, string text);
}
