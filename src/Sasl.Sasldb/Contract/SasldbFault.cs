namespace Sasl.Sasldb;

/// <summary>What is wrong with a sasldb file, for programs that act on it; the message of <see cref="SasldbException"/> says it in words.</summary>
public enum SasldbFault
{
    /// <summary>There is no file at the path.</summary>
    Missing,

    /// <summary>The file is there and this process may not read it.</summary>
    Unreadable,

    /// <summary>The file or its lock file cannot be written: permissions, a read-only file system, or a store opened read-only.</summary>
    NotWritable,

    /// <summary>The path names something that is no regular file.</summary>
    NotAFile,

    /// <summary>The file is empty: made, but nothing was ever stored.</summary>
    Empty,

    /// <summary>The file is in a form that this library does not read.</summary>
    UnsupportedForm,

    /// <summary>The file is damaged: truncated, or its contents contradict themselves.</summary>
    Damaged,

    /// <summary>The file has reached <see cref="SasldbOptions.MaxMapSize"/>.</summary>
    Full,

    /// <summary>The file system has no room.</summary>
    DiskFull,

    /// <summary>Another process holds the write lock, and did not release it in time.</summary>
    Busy,

    /// <summary>The system reported another error while reading or writing.</summary>
    Failed,

    /// <summary>The file was changed while all of it was being read; the same again may succeed.</summary>
    Changed,
}
