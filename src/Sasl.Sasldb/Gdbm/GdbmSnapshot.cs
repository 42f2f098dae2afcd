using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Gdbm;

/// <summary>A file as it is between two writings, for reading. What was read means something only if no writer came between.</summary>
/// <param name="file">The open file.</param>
/// <param name="identity">What the system said about the file before it was read.</param>
/// <param name="isSettled">Whether the next writer will show in what the system says about the file, or there can be none.</param>
/// <param name="octets">The header as it is in the file.</param>
/// <param name="header">The header.</param>
/// <param name="directory">The directory as it is in the file; null when it is read entry by entry.</param>
internal sealed class GdbmSnapshot(
    SafeFileHandle file, FileIdentity identity, bool isSettled, byte[] octets, GdbmHeader header, byte[]? directory) : ISasldbSnapshot
{
    /// <summary>The longest directory that is kept in memory; one of a million users is a quarter of it.</summary>
    private const int LongestKeptDirectory = 4 * 1024 * 1024;

    private const int UsualRecord = 1024;

    private HashCode _fingerprint;

    /// <summary>What the system said about the file before it was read.</summary>
    public FileIdentity Identity => identity;

    /// <summary>Whether the next writer will show in what the system says about the file, or there can be none.</summary>
    public bool IsSettled => isSettled;

    /// <inheritdoc/>
    public bool IsDoubtful => !isSettled;

    /// <summary>None: whoever writes to a settled file gives it another time.</summary>
    public ulong Version => 0;

    /// <summary>For a usual record, and a bucket after it.</summary>
    public int Room => UsualRecord + header.BucketSize;

    /// <summary>A bucket has hashes, places and the beginnings of names.</summary>
    public int SecretRoom => UsualRecord;

    /// <summary>The header.</summary>
    public GdbmHeader Header => header;

    /// <summary>When the header and the directory were last seen to be these.</summary>
    public long SeenAt { get; set; } = Environment.TickCount64;

    /// <summary>By what two readings of an unsettled file are compared; each of them has a snapshot of its own.</summary>
    public ulong Fingerprint => (uint)_fingerprint.ToHashCode();

    /// <summary>Reads the header of a file and, if the file is settled, the directory.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="identity">What the system says about it.</param>
    /// <param name="isSettled">Whether the next writer will show in that, or there can be none.</param>
    /// <param name="known">An earlier state; returned when it is still the state.</param>
    public static GdbmSnapshot Take(SafeFileHandle file, in FileIdentity identity, bool isSettled, GdbmSnapshot? known = null)
    {
        Span<byte> octets = stackalloc byte[GdbmLayout.MaxHeaderLength];
        ReadExactly(file, octets, 0);
        bool isKnown = known?.HasHeader(octets) == true;
        GdbmHeader header = isKnown ? known!.Header : GdbmHeader.Read(octets);
        if (!isSettled)
        {
            var unsettled = new GdbmSnapshot(file, identity, isSettled, octets.ToArray(), header, directory: null);
            unsettled._fingerprint.AddBytes(octets);
            return unsettled;
        }
        long length = (long)header.Layout.Word << header.DirectoryBits;
        byte[]? directory = length > LongestKeptDirectory ? null : ReadDirectory(file, header.Directory, (int)length, isKnown ? known : null);
        if (isKnown && known!.Identity == identity && known.KeptDirectory == directory)
        {
            known.SeenAt = Environment.TickCount64;
            return known;
        }
        return new GdbmSnapshot(file, identity, isSettled, octets.ToArray(), header, directory);
    }

    /// <summary>Finds a bucket.</summary>
    /// <param name="index">Its entry in the directory.</param>
    /// <returns>Where it is.</returns>
    public long BucketAt(int index)
    {
        GdbmLayout layout = header.Layout;
        long place;
        if (directory is not null)
        {
            place = layout.Place(directory, index * layout.Word);
        }
        else
        {
            Span<byte> entry = stackalloc byte[sizeof(long)];
            Read(entry[..layout.Word], header.Directory + ((long)index * layout.Word));
            place = layout.Place(entry, 0);
        }
        return Contains(place, header.BucketSize)
            ? place
            : throw new FileDamageException($"entry {index} of its directory leads out of it");
    }

    /// <summary>
    /// Requires that the directory leads to a bucket from all entries of the hashes that it is for; and to an empty one, whose records do not tell
    /// for which hashes it is, from no others.
    /// </summary>
    /// <param name="index">An entry that leads to it.</param>
    /// <param name="bits">How many bits all its hashes have in common.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="isEmpty">Whether it has no records.</param>
    public void RequireBucketOf(int index, int bits, long place, bool isEmpty)
    {
        int entries = 1 << (header.DirectoryBits - bits);
        int first = index & ~(entries - 1);
        int from = isEmpty ? 0 : first;
        int end = isEmpty ? header.DirectoryCount : first + entries;
        for (int entry = from; entry < end; entry++)
        {
            bool isOfIt = entry >= first && entry < first + entries;
            if (isOfIt != (BucketAt(entry) == place))
                throw new FileDamageException($"entries {first} and {entry} of its directory lead to the wrong buckets");
        }
    }

    /// <summary>Whether something is within the part of the file that is used, and in the file: a header alone may promise too much.</summary>
    /// <param name="place">Where.</param>
    /// <param name="length">How many octets.</param>
    public bool Contains(long place, long length) => header.Contains(place, length) && place <= identity.Length - length;

    /// <summary>Requires that a record can be one.</summary>
    /// <param name="element">What its bucket says about it.</param>
    public void RequirePlausible(in GdbmElement element)
    {
        if (element.KeyLength is < 0 or > GdbmPage.LongestKey || element.ValueLength is < 0 or > GdbmPage.LongestValue)
            throw new FileDamageException("it has a record longer than any sasldb's");
        if (!Contains(element.Record, element.Length))
            throw new FileDamageException("a record is not within it");
    }

    /// <summary>Reads a part of the file.</summary>
    /// <param name="into">Room for all of it.</param>
    /// <param name="place">Where it is.</param>
    public void Read(Span<byte> into, long place)
    {
        ReadExactly(file, into, place);
        if (!isSettled)
            _fingerprint.AddBytes(into);
    }

    private bool HasHeader(ReadOnlySpan<byte> other) => other.SequenceEqual(octets);

    private byte[]? KeptDirectory => directory;

    // The known one when it is the same, so that nothing is kept twice.
    private static byte[] ReadDirectory(SafeFileHandle file, long from, int length, GdbmSnapshot? known)
    {
        if (known?.KeptDirectory is not { } kept || kept.Length != length)
        {
            byte[] read = new byte[CheckedLength(file, from, length)];
            ReadExactly(file, read, from);
            return read;
        }
        const int Part = 4096;
        Span<byte> part = stackalloc byte[Part];
        for (int at = 0; at < length; at += Part)
        {
            Span<byte> now = part[..Math.Min(Part, length - at)];
            ReadExactly(file, now, from + at);
            if (!kept.AsSpan(at, now.Length).SequenceEqual(now))
                return ReadDirectory(file, from, length, known: null);
        }
        return kept;
    }

    // Before memory is taken for what a damaged header asks for.
    private static int CheckedLength(SafeFileHandle file, long from, int length) => from + length <= RandomAccess.GetLength(file)
        ? length
        : throw new FileDamageException("it ends before its directory does");

    private static void ReadExactly(SafeFileHandle file, Span<byte> into, long from)
    {
        int read = FileReading.Read(file, into, from);
        if (read < into.Length)
            throw new FileDamageException($"it ends at octet {from + read}, before its contents do");
    }
}
