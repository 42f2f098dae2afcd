namespace Sasl.Testing.Peers;

/// <summary>
/// The lines a peer printed, in the order they arrived, bounded in number and length. Several readers may wait for lines; each keeps its
/// own place, which is a count of lines from the start.
/// </summary>
public sealed class PeerTranscript
{
    /// <summary>Lines beyond this number are not kept.</summary>
    public const int MaxLines = 50_000;

    /// <summary>A longer line is cut into several.</summary>
    public const int MaxLineLength = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly List<PeerLine> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _complete;

    /// <summary>How many lines there are now: the place to start from when only later lines are wanted.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>Waits for the first line at or after a place that satisfies a condition. Null when the peer's output ends before one.</summary>
    /// <returns>The place of the line, and the line.</returns>
    public async Task<(int Place, PeerLine Line)?> FindAsync(Func<PeerLine, bool> condition, int from, CancellationToken cancellationToken)
    {
        for (int place = from; ;)
        {
            Task changed;
            lock (_gate)
            {
                for (; place < _lines.Count; place++)
                {
                    if (condition(_lines[place]))
                    {
                        return (place, _lines[place]);
                    }
                }

                if (_complete)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A copy of all lines.</summary>
    public IReadOnlyList<PeerLine> Snapshot()
    {
        lock (_gate)
        {
            return [.. _lines];
        }
    }

    /// <summary>All lines as one text.</summary>
    public override string ToString() => string.Join('\n', Snapshot().Select(static line => line.Text));

    internal void Append(PeerStream stream, string text)
    {
        lock (_gate)
        {
            if (_lines.Count < MaxLines)
            {
                _lines.Add(new PeerLine(stream, text));
                Announce();
            }
        }
    }

    internal void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            Announce();
        }
    }

    private void Announce()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
