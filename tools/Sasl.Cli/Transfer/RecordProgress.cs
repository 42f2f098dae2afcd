using System.Globalization;

namespace Sasl.Cli;

/// <summary>Says on standard error how far long work is: on a terminal in one line that changes, elsewhere in lines of their own where asked for.</summary>
/// <param name="console">Where to.</param>
/// <param name="command">The command, which every line begins with.</param>
/// <param name="work">What is being done to records, such as "exported".</param>
/// <param name="lines">Whether lines are wanted where nobody watches.</param>
internal sealed class RecordProgress(CliConsole console, string command, string work, bool lines) : IProgress<long>, IDisposable
{
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan s_unwatched = TimeSpan.FromSeconds(10);

    private long _last = console.Time.GetTimestamp();
    private bool _isShowing;

    /// <summary>Called as often as the work likes.</summary>
    /// <param name="value">How many records are done.</param>
    public void Report(long value)
    {
        if (!lines && !console.ErrorIsTerminal)
            return;
        if (console.Time.GetElapsedTime(_last) < (lines ? s_unwatched : s_watched))
            return;
        _last = console.Time.GetTimestamp();
        string text = string.Create(CultureInfo.InvariantCulture, $"{command}: {value} records {work}");
        if (lines)
        {
            console.Error.WriteLine(text);
            return;
        }
        console.Error.Write($"\r{text}");
        _isShowing = true;
    }

    /// <summary>Ends the line that changes.</summary>
    public void Dispose()
    {
        if (_isShowing)
            console.Error.WriteLine();
    }
}
