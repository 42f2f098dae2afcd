using System.Diagnostics;

namespace Sasl.Benchmarks;

/// <summary>A client and a server in one thread; messages are handed over in memory.</summary>
/// <remarks>
/// The whole conversation is timed as one. A half is timed by stopping the clock while the other side works; what reading the clock costs is
/// measured beforehand and taken off.
/// </remarks>
internal sealed class Duel(Side client, Side server) : IDisposable
{
    private const int MaxSteps = 10;
    private const int Calibrations = 100_000;

    private static readonly double s_clock = MeasureClock();

    private readonly byte[] _recorded = new byte[4096];
    private long _clientTicks;
    private long _serverTicks;
    private long _clientReadings;
    private long _serverReadings;

    /// <summary>Both sides, contexts created and disposed.</summary>
    /// <returns>Nanoseconds for all of them.</returns>
    public double Whole(int count)
    {
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            LogIn();
        return Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
    }

    /// <summary>The client's calls alone.</summary>
    /// <returns>Nanoseconds for all of them.</returns>
    public double ClientHalf(int count)
    {
        RunTimed(count);
        return Nanoseconds(_clientTicks, _clientReadings);
    }

    /// <summary>The server's calls alone.</summary>
    /// <returns>Nanoseconds for all of them.</returns>
    public double ServerHalf(int count)
    {
        RunTimed(count);
        return Nanoseconds(_serverTicks, _serverReadings);
    }

    /// <summary>The server's calls alone, where the client says the same every time: its message is kept and sent again, and no clock is stopped.</summary>
    /// <returns>Nanoseconds for all of them.</returns>
    public double ServerHalfOfOneMessage(int count)
    {
        client.Open();
        client.Start(hasInput: false, default);
        int length = client.Output.Length;
        client.Output.CopyTo(_recorded);
        client.Close();
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            server.Open();
            server.Start(hasInput: true, _recorded.AsSpan(0, length));
            Require(server.IsDone);
            server.Conclude();
            server.Close();
        }
        return Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
    }

    /// <summary>One conversation.</summary>
    public void LogIn()
    {
        client.Open();
        server.Open();
        Converse();
        client.Close();
        server.Close();
    }

    /// <summary>One conversation, both sides left open.</summary>
    public void Converse()
    {
        client.Start(hasInput: false, default);
        server.Start(client.HasOutput, client.Output);
        for (int steps = 0; !server.IsDone; steps++)
        {
            Require(steps < MaxSteps);
            client.Step(server.Output);
            server.Step(client.Output);
        }
        if (!client.IsDone && server.HasOutput)
            client.Step(server.Output);
        server.Conclude();
        client.Conclude();
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }

    private void RunTimed(int count)
    {
        (_clientTicks, _serverTicks, _clientReadings, _serverReadings) = (0, 0, 0, 0);
        for (int i = 0; i < count; i++)
            LogInTimed();
    }

    private void LogInTimed()
    {
        long at = Stopwatch.GetTimestamp();
        client.Open();
        client.Start(hasInput: false, default);
        at = CountClient(at);
        server.Open();
        server.Start(client.HasOutput, client.Output);
        at = CountServer(at);
        for (int steps = 0; !server.IsDone; steps++)
        {
            Require(steps < MaxSteps);
            client.Step(server.Output);
            at = CountClient(at);
            server.Step(client.Output);
            at = CountServer(at);
        }
        if (!client.IsDone && server.HasOutput)
            client.Step(server.Output);
        client.Conclude();
        client.Close();
        at = CountClient(at);
        server.Conclude();
        server.Close();
        CountServer(at);
    }

    private long CountClient(long since)
    {
        long now = Stopwatch.GetTimestamp();
        _clientTicks += now - since;
        _clientReadings++;
        return now;
    }

    private long CountServer(long since)
    {
        long now = Stopwatch.GetTimestamp();
        _serverTicks += now - since;
        _serverReadings++;
        return now;
    }

    private static double Nanoseconds(long ticks, long readings) =>
        Math.Max(0, (ticks * 1e9 / Stopwatch.Frequency) - (readings * s_clock));

    private static double MeasureClock()
    {
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long begun = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calibrations; i++)
                Stopwatch.GetTimestamp();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalNanoseconds / Calibrations);
        }
        return best;
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw new InvalidOperationException("A conversation does not end.");
    }
}
