using System.Globalization;
using System.Runtime.InteropServices;

namespace Sasl.Cli;

/// <summary>Ctrl-C, SIGTERM and a terminal that goes away (SIGHUP): the first one asks for an end, the second one is the end.</summary>
internal sealed class StopSignals : IDisposable
{
    private const string Status = "/proc/self/status";
    private const string IgnoredSignals = "SigIgn:";

    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen. What whoever started this process wants to be ignored, as nohup does with SIGHUP, stays ignored.</summary>
    /// <param name="cancellationToken">Asks for an end as well.</param>
    public StopSignals(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ulong ignored = ReadIgnored();
        _registrations =
        [
            .. (((PosixSignal Signal, int Number)[])[(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15)])
                .Where(one => (ignored & (1UL << (one.Number - 1))) == 0)
                .Select(one => PosixSignalRegistration.Create(one.Signal, Stop)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Listens no more.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }

    private static ulong ReadIgnored()
    {
        if (!File.Exists(Status))
            return 0;
        string? line = File.ReadLines(Status).FirstOrDefault(static line => line.StartsWith(IgnoredSignals, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(IgnoredSignals.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong mask) ? mask : 0;
    }
}
