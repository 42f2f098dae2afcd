namespace Sasl.Sasldb.Files;

/// <summary>Which file a path names, and in which state: another file, or one that was overwritten in place, has another identity.</summary>
/// <param name="Device">The file system; 0 where the platform has no such number.</param>
/// <param name="Inode">The file within it; the time of its making where the platform has no inodes.</param>
/// <param name="Modified">When it was last written, in nanoseconds or ticks, whichever the platform has.</param>
/// <param name="Length">Its length in octets.</param>
/// <param name="Changed">
/// When anything of it was last changed, its contents or what the system keeps about it, which no program can set back; 0 where the platform
/// has no such time.
/// </param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Modified, long Length, long Changed)
{
    /// <summary>Whether both are the same file, written to or not.</summary>
    public bool IsSameFile(in FileIdentity other) => Device == other.Device && Inode == other.Inode;
}
