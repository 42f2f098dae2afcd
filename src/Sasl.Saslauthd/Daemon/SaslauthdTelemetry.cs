using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sasl.Saslauthd;

/// <summary>The names of the daemon's metrics. They cost nothing unless somebody listens; names that peers send are never tags.</summary>
public static class SaslauthdTelemetry
{
    /// <summary>The name of the meter: <c>saslauthd.requests</c>, <c>saslauthd.request.duration</c>, <c>saslauthd.cache.lookups</c>,
    /// <c>saslauthd.connections.active</c>, <c>saslauthd.connections.dropped</c>.</summary>
    public const string MeterName = "Sasl.Saslauthd";

    private static readonly Meter s_meter = new(MeterName);

    private static readonly Counter<long> s_requests = s_meter.CreateCounter<long>("saslauthd.requests", "{request}", "Requests answered.");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>(
        "saslauthd.request.duration", "s", "From a whole request to its answer.");

    private static readonly Counter<long> s_lookups = s_meter.CreateCounter<long>("saslauthd.cache.lookups", "{lookup}", "Questions to the cache.");

    private static readonly UpDownCounter<int> s_connections = s_meter.CreateUpDownCounter<int>(
        "saslauthd.connections.active", "{connection}", "Connections under way.");

    private static readonly Counter<long> s_dropped = s_meter.CreateCounter<long>(
        "saslauthd.connections.dropped", "{connection}", "Connections closed without an answer, by why.");

    internal static void Connected() => s_connections.Add(1);

    internal static void Disconnected() => s_connections.Add(-1);

    internal static void Dropped(string why) => s_dropped.Add(1, new KeyValuePair<string, object?>("saslauthd.reason", why));

    internal static void LookedUp(bool hit)
    {
        if (s_lookups.Enabled)
            s_lookups.Add(1, new KeyValuePair<string, object?>("saslauthd.cache.hit", hit));
    }

    internal static void Answered(string checker, PasswordOutcome outcome, bool cached, TimeSpan duration)
    {
        if (!s_requests.Enabled && !s_duration.Enabled)
            return;
        var tags = new TagList
        {
            { "saslauthd.checker", checker },
            { "saslauthd.outcome", outcome.ToString() },
            { "saslauthd.cached", cached },
        };
        s_requests.Add(1, tags);
        s_duration.Record(duration.TotalSeconds, tags);
    }
}
