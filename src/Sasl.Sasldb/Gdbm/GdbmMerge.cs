namespace Sasl.Sasldb.Gdbm;

/// <summary>The records of a file with changes applied, one after the other in the order of the file.</summary>
internal sealed class GdbmMerge : IDisposable
{
    private readonly GdbmSnapshot? _snapshot;
    private readonly GdbmPage? _page;
    private readonly IEnumerator<KeyValuePair<GdbmKey, GdbmChange>> _changes;
    private bool _hasChange;
    private int _record = -1;
    private int _next;
    private bool _isChange;
    private bool _hasBegun;

    /// <summary>Begins before the first record.</summary>
    /// <param name="snapshot">The file; null where there is none.</param>
    /// <param name="transaction">The changes.</param>
    public GdbmMerge(GdbmSnapshot? snapshot, GdbmTransaction transaction)
    {
        _snapshot = snapshot;
        _page = snapshot is null ? null : new GdbmPage(snapshot);
        _changes = transaction.Changes.GetEnumerator();
        _hasChange = _changes.MoveNext();
        NextStored();
    }

    /// <summary>The record's hash.</summary>
    public int Hash => _isChange ? _changes.Current.Key.Hash : _page![_record].Hash;

    /// <summary>The record's key.</summary>
    public ReadOnlySpan<byte> Key => _isChange ? _changes.Current.Key.Key : _page!.Key(_record);

    /// <summary>The record's value.</summary>
    public ReadOnlySpan<byte> Value => _isChange ? _changes.Current.Value.Value : _page!.Value(_record);

    private bool HasStored => _page is not null && _record < _page.Count;

    /// <summary>Goes to the next record.</summary>
    /// <returns>False at the end.</returns>
    public bool TryNext()
    {
        if (_hasBegun)
            Pass();
        _hasBegun = true;
        while (_hasChange || HasStored)
        {
            int order = !HasStored ? -1 : !_hasChange ? 1
                : GdbmPage.Compare(_changes.Current.Key.Hash, _changes.Current.Key.Key, _page![_record].Hash, _page.Key(_record));
            if (order == 0)
                NextStored();
            _isChange = order <= 0;
            if (!_isChange || _changes.Current.Value.Value is not null)
                return true;
            Pass();
        }
        return false;
    }

    /// <summary>Erases what is in memory.</summary>
    public void Dispose()
    {
        _changes.Dispose();
        _page?.Dispose();
    }

    private void Pass()
    {
        if (_isChange)
            _hasChange = _changes.MoveNext();
        else
            NextStored();
    }

    private void NextStored()
    {
        if (_page is null)
            return;
        _record++;
        while (_record >= _page.Count && _next < _snapshot!.Header.DirectoryCount)
        {
            _page.Load(_next);
            _next = _page.Next;
            _record = 0;
        }
    }
}
