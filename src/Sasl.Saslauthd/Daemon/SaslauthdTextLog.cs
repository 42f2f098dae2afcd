using System.Globalization;

namespace Sasl.Saslauthd;

/// <summary>Writes the daemon's log line by line, as <c>saslauthd[PID] :TEXT</c>: what the original prints with <c>-d</c>.</summary>
/// <param name="writer">Where to; stays the caller's.</param>
/// <param name="lowest">What matters less is left out. Requests count as <see cref="SaslauthdNoteLevel.Information"/>.</param>
public sealed class SaslauthdTextLog(TextWriter writer, SaslauthdNoteLevel lowest = SaslauthdNoteLevel.Information) : SaslauthdLog
{
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"saslauthd[{Environment.ProcessId}] :");

    /// <inheritdoc/>
    public override void Write(SaslauthdRequestRecord record)
    {
        if (lowest <= SaslauthdNoteLevel.Information)
            WriteLine(SaslauthdLogLine.Of(record));
    }

    /// <inheritdoc/>
    public override void Note(SaslauthdNoteLevel level, string text)
    {
        if (level >= lowest)
            WriteLine(SaslauthdLogLine.OfNote(text));
    }

    private void WriteLine(string text) => writer.WriteLine(_prefix + text);
}
