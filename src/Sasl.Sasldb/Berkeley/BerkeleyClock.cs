using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Tells whether a file was written so long ago that another writing would give it another time.</summary>
/// <remarks>
/// <see cref="FileSettling"/> answers the same question for a form whose states have numbers. Here it must be answered soon, because until
/// then everything is read twice; so the file's time is compared with the present one.
/// </remarks>
/// <param name="clock">Tells the present time.</param>
internal sealed class BerkeleyClock(TimeProvider clock)
{
    private const long Second = 1_000_000_000;

    /// <summary>File systems take the time from a clock that moves every 10 milliseconds, or oftener.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(40);

    // Old ones keep whole or even seconds, and a file that has no others may be on one of them.
    private static readonly TimeSpan s_settlingBySeconds = TimeSpan.FromSeconds(2.1);

    /// <summary>Whether a writing from now on will show in the file's times.</summary>
    /// <param name="identity">What the system says about the file.</param>
    public bool IsSettled(in FileIdentity identity)
    {
        DateTimeOffset written = LinuxCalls.HasStatx
            ? DateTimeOffset.UnixEpoch.AddTicks(identity.Changed / TimeSpan.NanosecondsPerTick)
            : new DateTimeOffset(identity.Modified, TimeSpan.Zero);
        bool hasSecondsOnly = LinuxCalls.HasStatx && identity.Changed % Second == 0;
        return (clock.GetUtcNow() - written).Duration() > (hasSecondsOnly ? s_settlingBySeconds : Settling);
    }
}
