namespace Sasl.Sasldb.Files;

/// <summary>Tells whether a file was written so long ago that another writing would give it another time of change.</summary>
/// <remarks>
/// <see cref="FileSettling"/> answers the same question for a form whose states have numbers. Here it must be answered soon, because until
/// then everything is read twice; so the file's time of change, which no program can set back, is compared with the present.
/// </remarks>
/// <param name="clock">Tells the present time.</param>
/// <param name="settling">How long the form's other writers may write without giving the file another time.</param>
internal sealed class FileClock(TimeProvider clock, TimeSpan settling)
{
    private const long Second = 1_000_000_000;

    // Old file systems keep whole or even seconds, and a file that has no others may be on one of them.
    private static readonly TimeSpan s_settlingBySeconds = TimeSpan.FromSeconds(2.1);

    /// <summary>How long it is until a writing is taken to be over.</summary>
    public TimeSpan Settling => settling;

    /// <summary>Whether a writing from now on will show in the file's times. So it will when they are in the future.</summary>
    /// <param name="identity">What the system says about the file.</param>
    public bool IsSettled(in FileIdentity identity)
    {
        DateTimeOffset written = LinuxCalls.HasStatx
            ? DateTimeOffset.UnixEpoch.AddTicks(identity.Changed / TimeSpan.NanosecondsPerTick)
            : new DateTimeOffset(identity.Modified, TimeSpan.Zero);
        bool hasSecondsOnly = LinuxCalls.HasStatx && identity.Changed % Second == 0;
        return (clock.GetUtcNow() - written).Duration() > (hasSecondsOnly && settling < s_settlingBySeconds ? s_settlingBySeconds : settling);
    }
}
