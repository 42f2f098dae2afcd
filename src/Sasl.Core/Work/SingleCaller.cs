namespace Sasl;

/// <summary>Lets one caller at a time into an object, and has the object erased once, when nobody is in it any more.</summary>
/// <remarks>
/// An object may be disposed while a call is under way, as when a connection ends; its pooled buffers must not go back before the call does.
/// A field that is not read-only; it costs two words and no allocation.
/// </remarks>
internal struct SingleCaller
{
    private const int Free = 0;
    private const int Busy = 1;
    private const int Closed = 2;

    private int _state;
    private volatile bool _closing;

    /// <summary>Whether nobody is let in any more.</summary>
    public readonly bool IsClosed => _closing;

    /// <summary>Enters.</summary>
    /// <param name="owner">The object, for the exception.</param>
    /// <param name="rule">The sentence for whoever calls while somebody else is in it.</param>
    /// <exception cref="ObjectDisposedException">The object was closed.</exception>
    /// <exception cref="InvalidOperationException">Somebody else is in it.</exception>
    public void Enter(object owner, string rule)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Free) != Free)
        {
            ObjectDisposedException.ThrowIf(_closing, owner);
            throw new InvalidOperationException(rule);
        }
    }

    /// <summary>Leaves.</summary>
    /// <returns>True when the object was closed meanwhile: the caller is the last one and must erase it.</returns>
    public bool Leave()
    {
        Interlocked.CompareExchange(ref _state, Free, Busy);
        return _closing && Close();
    }

    /// <summary>Lets nobody in any more.</summary>
    /// <returns>True when nobody is in it and it was not erased yet: the caller must erase it.</returns>
    public bool Close()
    {
        _closing = true;
        return Interlocked.CompareExchange(ref _state, Closed, Free) == Free;
    }
}
