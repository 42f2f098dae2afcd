namespace Sasl.Sasldb.Files;

/// <summary>Follows a path: has the file open that it names, and another one as soon as it names another.</summary>
/// <param name="options">The path, and who is told what an administrator should know.</param>
/// <param name="open">Opens a file that the system says this about.</param>
internal sealed class FileFollower<TFile>(SasldbOptions options, Func<FileFacts, TFile> open) : IDisposable
    where TFile : OpenFile
{
    private readonly FileProbe _probe = new(options.Path);
    private readonly TimeProvider _clock = options.Clock;

    // A path is looked up at least once in a second: only so a folder on the way that was replaced or mounted over is seen.
    private readonly long _second = options.Clock.TimestampFrequency;
    private readonly Lock _opening = new();
    private volatile TFile? _opened;
    private volatile bool _disposed;

    /// <summary>The file that was opened last, if there is one.</summary>
    public TFile? Opened => _opened;

    /// <summary>Whether it follows no more.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>The file that the path names now.</summary>
    /// <param name="identity">What the system says about it.</param>
    /// <exception cref="SasldbException">There is none, or it cannot be opened.</exception>
    /// <exception cref="ObjectDisposedException">It follows no more.</exception>
    public TFile Find(out FileIdentity identity)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (FindOpened(out FileFacts facts) is not { } file)
        {
            lock (_opening)
                file = FindOpened(out facts) ?? Open(facts);
        }
        identity = facts.Identity;
        return file;
    }

    /// <summary>Whether the path still names a file, and nobody has touched it since. One system call.</summary>
    /// <param name="file">The file.</param>
    /// <param name="before">What the system said about it then.</param>
    /// <exception cref="SasldbException">A directory on the way to it may not be entered.</exception>
    public bool IsStill(TFile file, in FileIdentity before)
    {
        long now = _clock.GetTimestamp();
        if (file.IsTied && now - file.NamedAt < _second)
            return file.IsUntouched(before);
        if (!_probe.IsStill(before))
            return false;
        file.NamedAt = now;
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _disposed = true;
        _opened?.Dispose();
    }

    private TFile? FindOpened(out FileFacts facts)
    {
        if (!_probe.TryGet(out facts))
            throw FileComplaint.Missing(options.Path);
        return _opened is { } opened && opened.Is(facts.Identity) ? opened : null;
    }

    private TFile Open(in FileFacts facts)
    {
        TFile opened;
        try
        {
            long now = _clock.GetTimestamp();
            opened = open(facts);
            opened.Tie(options.Path);
            opened.NamedAt = now;
        }
        catch (IOException failure)
        {
            throw FileComplaint.From(options.Path, failure);
        }
        if (facts.IsWorldReadable)
            options.Warning?.Invoke(FileComplaint.WorldReadable(options.Path, facts));
        TFile? replaced = _opened;
        _opened = opened;
        replaced?.Dispose();
        return opened;
    }
}
