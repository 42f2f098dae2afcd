namespace Sasl.Saslauthd;

/// <summary>How many connections there are, and when there are none.</summary>
internal sealed class ConnectionCount
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _empty;
    private int _count;

    public int Value => Volatile.Read(ref _count);

    /// <summary>Counts one more.</summary>
    /// <returns>How many there are now.</returns>
    public int Enter()
    {
        SaslauthdTelemetry.Connected();
        return Interlocked.Increment(ref _count);
    }

    /// <summary>Counts one less.</summary>
    public void Leave()
    {
        SaslauthdTelemetry.Disconnected();
        if (Interlocked.Decrement(ref _count) != 0)
            return;
        lock (_lock)
            _empty?.TrySetResult();
    }

    /// <summary>Completes when there are none; for a daemon that accepts no more.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Value == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }
}
