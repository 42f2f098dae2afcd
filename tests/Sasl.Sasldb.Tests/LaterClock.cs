namespace Sasl.Sasldb.Tests;

/// <summary>A clock by which every file was written long ago, so that it is believed at once.</summary>
internal sealed class LaterClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(1);
}
