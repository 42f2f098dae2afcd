namespace Sasl.Sasldb;

/// <summary>Where a sasldb is, and how it is made and written. Checked when a <see cref="SasldbStore"/> is constructed.</summary>
public sealed record SasldbOptions
{
    /// <summary>Where Cyrus SASL keeps its users unless it is told otherwise.</summary>
    public const string DefaultPath = "/etc/sasldb2";

    /// <summary>The file, used as it is: no suffix is added. Cyrus's <c>sasldb_path</c>. The lock file is beside it: <c>path-lock</c>.</summary>
    public string Path { get; init; } = DefaultPath;

    /// <summary>The form of a file that is made. One that is there keeps its own. Cyrus SASL's is chosen when it is compiled; here <c>sasldb_type</c>.</summary>
    public SasldbFormat CreateFormat { get; init; } = SasldbFormat.Lmdb;

    /// <summary>
    /// The size in octets that a new file may grow to before its limit is raised. Cyrus's <c>sasldb_mapsize</c> is documented in octets,
    /// but its code multiplies by 1,024: whoever reads that option multiplies too, so that one file means one thing to both.
    /// </summary>
    public long MapSize { get; init; } = 1024 * 1024;

    /// <summary>How far the limit may be raised, in octets. A full file doubles its limit until then, and is refused after.</summary>
    public long MaxMapSize { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// How many readers of Cyrus's own the lock file has room for, when this library makes it: <c>sasldb_maxreaders</c>. Readers of this
    /// library take no such place.
    /// </summary>
    public int MaxReaders { get; init; } = 126;

    /// <summary>
    /// The realm of a user who has none. Cyrus SASL takes the server's fully qualified name; the realm of the accounts must be the same.
    /// </summary>
    public string DefaultRealm { get; init; } = "";

    /// <summary>The permissions of files that are made; the process's umask may narrow them further. On Unix only.</summary>
    public UnixFileMode CreateMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Whether every writing method refuses, whatever the file's permissions are.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long a write waits for another process's write.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Measures how long a file has been as it is. Tests have another.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Receives sentences for the administrator, such as that everybody on the machine can read the file. May be called by any thread.</summary>
    public Action<string>? Warning { get; init; }
}
