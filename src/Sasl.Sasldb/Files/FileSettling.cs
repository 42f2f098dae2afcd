namespace Sasl.Sasldb.Files;

/// <summary>Tells from when on the system's word suffices that a file was not changed.</summary>
/// <remarks>
/// Every change sets the file's <see cref="FileIdentity.Changed"/> to a clock that stands still for some milliseconds, on old file systems
/// for two seconds. Two changes within one such moment look the same. But what was first seen longer ago than that, and is read only now,
/// cannot be changed any more without looking different. So a form reads all of it again once it has settled, and from then on believes
/// the system as long as it says the same.
/// </remarks>
/// <param name="clock">Measures how long.</param>
internal sealed class FileSettling(TimeProvider clock)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(3);

    /// <summary>Now, to be kept with an identity that is seen for the first time.</summary>
    public long Now => clock.GetTimestamp();

    /// <summary>Whether an identity has been the same for so long that any change will make it another.</summary>
    /// <param name="firstSeen">What <see cref="Now"/> was when it was first seen.</param>
    public bool IsOver(long firstSeen) => LinuxCalls.HasStatx && clock.GetElapsedTime(firstSeen) >= s_period;
}
