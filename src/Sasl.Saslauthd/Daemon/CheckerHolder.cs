namespace Sasl.Saslauthd;

/// <summary>One verifier in use, and how many requests are using it: it can be replaced while the daemon serves.</summary>
internal sealed class CheckerHolder(IPasswordVerifier verifier)
{
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users = 1;    // the server itself, until it retires the verifier

    public IPasswordVerifier Verifier => verifier;

    /// <summary>Completes when the verifier is retired and no request uses it any more.</summary>
    public Task Idle => _idle.Task;

    /// <summary>Begins a use.</summary>
    /// <returns>False when it is retired and idle; take the new one then.</returns>
    public bool TryEnter()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
                return true;
            users = seen;
        }
        return false;
    }

    /// <summary>Ends a use; and the server's own, once, to retire the verifier.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _idle.TrySetResult();
    }
}
