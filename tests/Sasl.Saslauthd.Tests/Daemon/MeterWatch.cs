using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>Collects what a meter measures: for each instrument the tags of every measurement.</summary>
internal sealed class MeterWatch : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, string Tags)> _seen = new();
    private readonly MeterListener _listener = new();

    public MeterWatch(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(instrument, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Add(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, tags));
        _listener.Start();
    }

    public List<string> Of(string instrument) => [.. _seen.Where(one => one.Instrument == instrument).Select(static one => one.Tags)];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> texts = [];
        foreach (KeyValuePair<string, object?> tag in tags)
            texts.Add($"{tag.Key}={tag.Value}");
        _seen.Enqueue((instrument.Name, string.Join(' ', texts)));
    }
}
