using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sasl.Core.Tests.Credentials;
using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>One meter and one activity source, silent unless somebody listens.</summary>
public sealed class SaslTelemetryTests : IDisposable
{
    // Other tests run at the same time and are measured too; what belongs to this one flows with its asynchronous calls.
    private static readonly AsyncLocal<SaslTelemetryTests?> s_current = new();

    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities = new();
    private readonly ConcurrentQueue<string> _measured = new();
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private int _active;

    public SaslTelemetryTests()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == SaslTelemetry.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<int>(static (_, measurement, _, _) =>
        {
            if (s_current.Value is { } test)
                Interlocked.Add(ref test._active, measurement);
        });
        _meters.SetMeasurementEventCallback<double>(static (instrument, measurement, tags, _) =>
            s_current.Value?.Measure(instrument, measurement, tags));
        _meters.Start();

        _activities.ShouldListenTo = static source => source.Name == SaslTelemetry.ActivitySourceName;
        _activities.Sample = static (ref _) => ActivitySamplingResult.AllData;
        _activities.ActivityStopped = static activity => s_current.Value?._stopped.Enqueue(activity);
        ActivitySource.AddActivityListener(_activities);
        s_current.Value = this;
    }

    public void Dispose()
    {
        s_current.Value = null;
        _meters.Dispose();
        _activities.Dispose();
    }

    [Fact]
    public async Task An_exchange_is_counted_timed_and_traced()
    {
        using SaslServerSession session = Session(Server("M", Asks("one"), Succeeds()));
        await session.StartAsync("M", Octets("x"));
        Assert.Equal(1, _active);
        Assert.Empty(_measured);
        await session.StepAsync(Octets("y"));
        Assert.Equal(0, _active);
        Assert.Equal(["sasl.exchange.duration s sasl.mechanism=M sasl.service=test sasl.outcome=Success"], _measured);

        Activity activity = Assert.Single(_stopped);
        Assert.Equal("sasl.exchange", activity.OperationName);
        Assert.Equal(
            [("sasl.mechanism", "M"), ("sasl.service", "test"), ("sasl.outcome", "Success")],
            activity.TagObjects.Select(static tag => (tag.Key, (string)tag.Value!)));
    }

    [Fact]
    public async Task Every_end_is_counted_once()
    {
        using var cancellation = new CancellationTokenSource();
        SaslMechanism[] mechanisms =
        [
            Server("FAILS", Fails()), Server("THROWS", Throws(new IOException())), Server("ASKS", Asks("one"), Succeeds()), Server("EMPTY", Says("", default)),
            Server("CANCELS", (_, _, token) => throw new OperationCanceledException(token)), Server("DATA", Succeeds("data")),
        ];
        SaslServerSession session = Session(mechanisms);
        await session.StartAsync("FAILS", Octets("x"));
        await session.StartAsync("THROWS", Octets("x"));
        await session.StartAsync("EMPTY", Octets("x"));
        await session.StartAsync("ASKS", Octets("x"));
        session.Abort();
        session.Abort();
        await session.StartAsync("ASKS");
        await session.StartAsync("DATA", Octets("x"));
        await session.StepAsync(Octets("no acknowledgement"));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.StartAsync("CANCELS", Octets("x"), cancellation.Token));
        await session.StartAsync("UNKNOWN", Octets("x"));
        await session.StartAsync("DATA", Octets("x"));
        await session.StepAsync(ReadOnlyMemory<byte>.Empty);
        session.Dispose();

        SaslServerSession other = Session(mechanisms);
        await other.StartAsync("ASKS", Octets("x"));
        other.Dispose();
        other.Dispose();

        Assert.Equal(0, _active);
        Assert.Equal(
            [
                "FAILS InvalidCredentials", "THROWS TemporaryFailure", "EMPTY TemporaryFailure", "ASKS Aborted", "ASKS Aborted", "DATA Malformed",
                "CANCELS Aborted", "DATA Success", "ASKS Aborted",
            ],
            _stopped.Select(static activity => $"{activity.GetTagItem("sasl.mechanism")} {activity.GetTagItem("sasl.outcome")}"));
        Assert.Equal(9, _measured.Count);
    }

    [Fact]
    public async Task Back_ends_are_timed_and_users_are_never_tags()
    {
        using SaslServerSession session = new SaslServer(new SaslServerOptions
        {
            Service = "test", Mechanisms = [Password], PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Mismatch),
        }).CreateSession(SaslChannel.Plaintext);
        await session.StartAsync("PASSWORD", Octets("alice|pencil"));
        Assert.Equal(
            [
                "sasl.verifier.duration s sasl.backend=verifier",
                "sasl.exchange.duration s sasl.mechanism=PASSWORD sasl.service=test sasl.outcome=InvalidCredentials",
            ],
            _measured);
        Assert.DoesNotContain("alice", string.Join(' ', Assert.Single(_stopped).TagObjects), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_applications_current_activity_stays_its_own()
    {
        using Activity? callers = new Activity("connection").Start();
        Activity? during = null;
        SaslMechanism mechanism = Server(
            "M",
            Asks("one"),
            (_, _, _) =>
            {
                during = Activity.Current;
                return new(SaslStep.Authenticated(Alice, null));
            });
        using SaslServerSession session = Session(mechanism);
        await session.StartAsync("M", Octets("x"));
        Assert.Same(callers, Activity.Current);
        using (Activity command = new Activity("next command").Start())
        {
            await session.StepAsync(Octets("y"));
            Assert.Same(command, Activity.Current);
        }
        Assert.Same(callers, Activity.Current);
        Assert.Equal("sasl.exchange", during?.OperationName);    // what a back end traces belongs to the exchange
        Assert.Same(callers, during?.Parent);

        SaslServerSession aborted = Session(mechanism);
        await aborted.StartAsync("M");
        using (Activity command = new Activity("give up").Start())
        {
            aborted.Abort();
            Assert.Same(command, Activity.Current);
        }
    }

    private static SaslServerSession Session(params SaslMechanism[] mechanisms) =>
        new SaslServer(new SaslServerOptions { Service = "test", Mechanisms = [.. mechanisms] }).CreateSession(SaslChannel.Plaintext);

    private void Measure(Instrument instrument, double measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Assert.InRange(measurement, 0, 3600);
        _measured.Enqueue($"{instrument.Name} {instrument.Unit} {string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}");
    }
}
