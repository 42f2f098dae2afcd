namespace Sasl.Saslauthd.Asker;

/// <summary>A clock that stands at noon of one day.</summary>
internal sealed class FixedDay(DateOnly day) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
}
