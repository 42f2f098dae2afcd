using Sasl.Sasldb.Files;

namespace Sasl.Cli;

/// <summary>A file of secrets that is there whole or not at all: written beside its place with mode 0600, and renamed when it is complete.</summary>
internal sealed class NewFile : IAsyncDisposable
{
    // Without a buffer: whoever writes has one, and erases it.
    private static readonly FileStreamOptions s_options = OperatingSystem.IsWindows()
        ? new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 }
        : new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };

    private readonly string _place;
    private readonly string? _beside;
    private readonly bool _overwrite;

    private NewFile(string place, string? beside, bool overwrite)
    {
        _place = place;
        _beside = beside;
        _overwrite = overwrite;
        Stream = beside is null ? new FileStream(place, FileMode.Open, FileAccess.Write, FileShare.ReadWrite) : new FileStream(beside, s_options);
    }

    /// <summary>Where to write.</summary>
    public FileStream Stream { get; }

    /// <summary>Whether nobody has seen yet what was written.</summary>
    public bool CanBeginAgain => _beside is not null;

    /// <summary>Begins one.</summary>
    /// <param name="path">Its place. What lies under <c>/dev</c> (but <c>/dev/shm</c>) or <c>/proc</c> is written into, not replaced.</param>
    /// <param name="overwrite">Whether a file that is there may go.</param>
    /// <exception cref="IOException">There is one, or none can be made.</exception>
    public static NewFile Create(string path, bool overwrite)
    {
        string place = Path.GetFullPath(path);
        if (IsDevice(place))
            return Open(place, null, overwrite);
        if (Directory.Exists(place))
            throw new IOException($"{place}: this is a directory");
        // A link stays one, and what it names is replaced.
        if (new FileInfo(place).LinkTarget is not null)
            place = File.ResolveLinkTarget(place, returnFinalTarget: true)!.FullName;
        if (!overwrite && File.Exists(place))
            throw AlreadyThere(place);
        FileDraft.RemoveAbandoned(place);
        return Open(place, FileDraft.NameFor(place), overwrite);
    }

    /// <summary>Puts the file into its place.</summary>
    /// <exception cref="IOException">Somebody made another one there meanwhile, or the system refuses.</exception>
    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await Stream.FlushAsync(cancellationToken);
        if (_beside is null)
            return;
        Stream.Flush(flushToDisk: true);
        await Stream.DisposeAsync();
        if (!_overwrite && File.Exists(_place))
            throw AlreadyThere(_place);
        File.Move(_beside, _place, _overwrite);
    }

    /// <summary>Closes the file, and deletes it unless it has been put into its place.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (_beside is not null)
            File.Delete(_beside);
    }

    private static NewFile Open(string place, string? beside, bool overwrite)
    {
        try
        {
            return new NewFile(place, beside, overwrite);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{place}: may not be written, or its directory may not: {exception.Message}", exception);
        }
    }

    // /dev/shm is memory with files in it like any others.
    private static bool IsDevice(string place) => !OperatingSystem.IsWindows()
        && (place.StartsWith("/dev/", StringComparison.Ordinal) || place.StartsWith("/proc/", StringComparison.Ordinal))
        && !place.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static IOException AlreadyThere(string place) => new($"{place}: there is a file already; --force replaces it");
}
