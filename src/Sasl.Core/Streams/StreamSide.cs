namespace Sasl;

/// <summary>One direction of a stream: one caller at a time, and erased once, when nobody is in it any more.</summary>
/// <remarks>A stream may be disposed while a read is under way; its pooled buffers must not go back before the read has ended.</remarks>
/// <param name="erase">Gives the direction's buffers back.</param>
internal sealed class StreamSide(Action erase)
{
    private const int Free = 0;
    private const int Busy = 1;
    private const int Closed = 2;

    private int _state;
    private volatile bool _closing;

    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    /// <exception cref="InvalidOperationException">Somebody else is in it.</exception>
    public void Enter()
    {
        int was = Interlocked.CompareExchange(ref _state, Busy, Free);
        if (was == Free && !_closing)
            return;
        if (was == Free)
            Leave();
        ObjectDisposedException.ThrowIf(_closing, typeof(SaslStream));
        throw new InvalidOperationException("Another call in the same direction is under way; a stream has one reader and one writer.");
    }

    public void Leave()
    {
        Interlocked.CompareExchange(ref _state, Free, Busy);
        if (_closing)
            Close();
    }

    /// <summary>Erases now, or when whoever is in it leaves.</summary>
    public void Close()
    {
        _closing = true;
        if (Interlocked.CompareExchange(ref _state, Closed, Free) == Free)
            erase();
    }
}
