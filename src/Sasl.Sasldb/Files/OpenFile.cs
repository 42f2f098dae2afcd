using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>A file open for reading. Each form adds what it knows of the file's present state.</summary>
/// <param name="handle">The open file; disposed with this.</param>
/// <param name="identity">What the system said about the path just before it was opened.</param>
internal abstract class OpenFile(SafeFileHandle handle, FileIdentity identity) : IDisposable
{
    private long _namedAt;

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle => handle;

    /// <summary>Whether nobody can give its path to another file without changing this one: see <see cref="FileTie"/>.</summary>
    public bool IsTied { get; private set; }

    /// <summary>When its path was last seen to name it, as the clock of its <see cref="FileFollower{TFile}"/> has it.</summary>
    public long NamedAt
    {
        get => Volatile.Read(ref _namedAt);
        set => Volatile.Write(ref _namedAt, value);
    }

    /// <summary>Finds out whether it is tied to its path.</summary>
    /// <param name="path">The path.</param>
    public void Tie(string path) => IsTied = FileTie.Holds(path, handle, identity);

    /// <summary>Whether a path that the system says this about still names this file.</summary>
    public bool Is(in FileIdentity other) => identity.IsSameFile(other);

    /// <summary>Whether the file, under whatever name, is as it was.</summary>
    /// <param name="before">What the system said about it then.</param>
    public bool IsUntouched(in FileIdentity before)
    {
        FileIdentity now = FileProbe.Identify(handle);
        return now.Modified == before.Modified && now.Length == before.Length && now.Changed == before.Changed;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => handle.Dispose();
}
