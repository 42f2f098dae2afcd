namespace Sasl;

/// <summary>Runs slow derivations beside the caller, few at a time, and refuses work it could only pile up.</summary>
/// <remarks>
/// Strangers decide how often a password is checked, and an expensive check is their lever. Here they can fill a queue, not a machine:
/// what does not fit becomes a temporary failure at once. Thread-safe.
/// </remarks>
public sealed class SaslWorkQueue : IDisposable
{
    /// <summary>Up to this many PBKDF2 iterations run on the caller's thread: they take less time than a change of thread is worth (about 2 ms).</summary>
    public const int InlineIterations = 5_000;

    private readonly SemaphoreSlim _running;
    private readonly int _maxWaiting;
    private int _waiting;

    /// <summary>Makes a queue.</summary>
    /// <param name="maxRunning">How many derivations run at once; 0 takes the number of processors.</param>
    /// <param name="maxWaiting">How many more may wait for their turn.</param>
    public SaslWorkQueue(int maxRunning = 0, int maxWaiting = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxRunning);
        ArgumentOutOfRangeException.ThrowIfNegative(maxWaiting);
        _running = new SemaphoreSlim(maxRunning == 0 ? Environment.ProcessorCount : maxRunning);
        _maxWaiting = maxWaiting;
    }

    /// <summary>Runs a derivation on another thread when its turn comes.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="work">The derivation; runs to its end once started.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn.</param>
    /// <exception cref="SaslUnavailableException">Too many are waiting already.</exception>
    public async ValueTask<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _running.Release();
        }
    }

    /// <summary>Frees what the queue holds. Work under way is not disturbed if it has ended before.</summary>
    public void Dispose() => _running.Dispose();

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (_running.Wait(0, CancellationToken.None))
            return;
        if (Interlocked.Increment(ref _waiting) > _maxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new SaslUnavailableException("too many slow derivations are waiting");
        }
        try
        {
            await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
