using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sasl;

/// <summary>The names of the library's metrics and traces. They cost nothing unless somebody listens, and user names are never tags.</summary>
public static class SaslTelemetry
{
    /// <summary>The name of the one meter: <c>sasl.exchange.duration</c>, <c>sasl.exchanges.active</c>, <c>sasl.verifier.duration</c>.</summary>
    public const string MeterName = "Sasl";

    /// <summary>The name of the one activity source; its activity <c>sasl.exchange</c> covers one server exchange.</summary>
    public const string ActivitySourceName = "Sasl";

    private static readonly Meter s_meter = new(MeterName);

    private static readonly UpDownCounter<int> s_active = s_meter.CreateUpDownCounter<int>(
        "sasl.exchanges.active", "{exchange}", "Server exchanges under way.");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>(
        "sasl.exchange.duration", "s", "From the start of a server exchange to its end.");

    private static readonly Histogram<double> s_verifier = s_meter.CreateHistogram<double>(
        "sasl.verifier.duration", "s", "Time a password verifier or credential store took to answer.");

    private static readonly ActivitySource s_source = new(ActivitySourceName);

    internal static long Now => s_duration.Enabled || s_verifier.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal static Activity? Begin(SaslMechanism mechanism, string service)
    {
        s_active.Add(1);
        if (!s_source.HasListeners())
            return null;
        Activity? callers = Activity.Current;
        Activity? activity = s_source.StartActivity("sasl.exchange");
        if (activity is null)
            return null;
        Activity.Current = callers;    // the exchange outlives this call; what the application does meanwhile is not a part of it
        return activity.SetTag("sasl.mechanism", mechanism.Name).SetTag("sasl.service", service);
    }

    // For the caller's asynchronous method only: what a back end traces belongs to the exchange.
    internal static void Enter(Activity? activity)
    {
        if (activity is not null)
            Activity.Current = activity;
    }

    internal static void End(Activity? activity, SaslMechanism mechanism, string service, SaslError outcome, long begun)
    {
        s_active.Add(-1);
        if (s_duration.Enabled && begun != 0)
        {
            s_duration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, new TagList
            {
                { "sasl.mechanism", mechanism.Name },
                { "sasl.service", service },
                { "sasl.outcome", NameOf(outcome) },
            });
        }
        if (activity is not null)
            Stop(activity.SetTag("sasl.outcome", NameOf(outcome)));
    }

    // Stopping makes current what was current at the start, which may be over by now.
    private static void Stop(Activity activity)
    {
        Activity? callers = Activity.Current;
        activity.Dispose();
        if (callers != activity)
            Activity.Current = callers;
    }

    internal static void BackendAnswered(string kind, long asked)
    {
        if (s_verifier.Enabled && asked != 0)
            s_verifier.Record(Stopwatch.GetElapsedTime(asked).TotalSeconds, new KeyValuePair<string, object?>("sasl.backend", kind));
    }

    private static string NameOf(SaslError outcome) => outcome is SaslError.None ? "Success" : outcome.ToString();
}
