namespace Sasl.Saslauthd;

/// <summary>Things that may wait for the same length of time, in the order in which they began: the first is always the next to be overdue.</summary>
/// <remarks>Thread-safe. Whatever is taken out by one caller is given to no other.</remarks>
internal sealed class WaitingLine<T>(TimeProvider clock, TimeSpan patience)
    where T : class, IWaiting<T>
{
    private readonly LinkedList<T> _line = new();
    private readonly Lock _lock = new();

    /// <summary>Adds something at the end, from now on.</summary>
    public void Add(T item)
    {
        item.Place = new LinkedListNode<T>(item);
        item.Since = clock.GetTimestamp();
        lock (_lock)
            _line.AddLast(item.Place);
    }

    /// <summary>Takes something out.</summary>
    /// <returns>False when somebody has done it already.</returns>
    public bool Remove(T item)
    {
        lock (_lock)
        {
            if (item.Place?.List != _line)
                return false;
            _line.Remove(item.Place);
            return true;
        }
    }

    /// <summary>Takes out what has waited longest; null when nothing waits.</summary>
    public T? TakeOldest() => Take(static (_, _) => true);

    /// <summary>Takes out what has waited too long; null when nothing has.</summary>
    public T? TakeOverdue() => Take((item, now) => clock.GetElapsedTime(item.Since, now) >= patience);

    private T? Take(Func<T, long, bool> condition)
    {
        long now = clock.GetTimestamp();
        lock (_lock)
        {
            if (_line.First is not { } first || !condition(first.Value, now))
                return null;
            _line.RemoveFirst();
            return first.Value;
        }
    }
}
