using System.Buffers;
using System.Runtime.CompilerServices;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Gdbm;

/// <summary>The form of Cyrus SASL on Fedora and RHEL: one GDBM file, read in place, written anew and put in its place.</summary>
/// <param name="options">Where it is, and how it is made.</param>
internal sealed class GdbmForm(SasldbOptions options) : ISasldbForm
{
    private const int StackBucket = 4096;
    private const int StackRecord = 1024;

    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Gdbm, GdbmHeader.IsOne, static _ => null, static options => new GdbmForm(options));

    private readonly string _path = options.Path;
    private readonly FileProbe _probe = new(options.Path);
    private readonly FileClock _clock = new(options.Clock, GdbmTries.Settling);
    private readonly Lock _opening = new();
    private volatile GdbmFile? _open;
    private volatile bool _disposed;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Read(ref SasldbLookup lookup)
    {
        byte[]? rented = null;
        Span<byte> stack = stackalloc byte[StackBucket];
        Span<byte> record = stackalloc byte[StackRecord];
        var tries = new GdbmTries();
        // What was known shortly ago is tried without asking the system first; it is asked in the end.
        GdbmSnapshot? snapshot = _open?.Known;
        try
        {
            do
            {
                try
                {
                    snapshot ??= Take();
                    int size = snapshot.Header.BucketSize;
                    Span<byte> bucket = size <= StackBucket ? stack[..size] : Rent(ref rented, size);
                    lookup.Restart();
                    Read(new GdbmReader(snapshot, bucket, record), ref lookup);
                    if (tries.AreEnough(snapshot, Now()))
                        return;
                }
                catch (Exception failure) when (failure is GdbmDamageException or ObjectDisposedException or IOException)
                {
                    ThrowUnlessOvertaken(failure, snapshot);
                }
                snapshot = null;
            }
            while (tries.WaitForNext());
            throw ChangesTooFast();
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> ReadKeys(byte[]? after) => ReadWhole(snapshot =>
    {
        var keys = new List<byte[]>();
        GdbmListing.Read(snapshot, after, static (key, _) => key, keys);
        return keys;
    });

    /// <inheritdoc/>
    public IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after)
    {
        var entries = new List<SasldbEntry>();
        try
        {
            return ReadWhole(snapshot =>
            {
                Erase(entries);
                GdbmListing.Read(snapshot, after, static (key, value) => new SasldbEntry(key, value.ToArray()), entries);
                return entries;
            });
        }
        catch
        {
            Erase(entries);
            throw;
        }
    }

    /// <inheritdoc/>
    public SasldbState ReadState()
    {
        // A writer that may still be at it would not show in the state.
        var tries = new GdbmTries();
        FileIdentity now;
        do
            now = Now();
        while (!_clock.IsSettled(now) && tries.WaitForNext());
        return new SasldbState(now, 0);
    }

    /// <inheritdoc/>
    public long Verify(CancellationToken cancellationToken) =>
        ReadWhole(snapshot => new GdbmInspection(snapshot, cancellationToken).Inspect());

    /// <inheritdoc/>
    public void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        new GdbmWriting(options, cancellationToken).Run(change);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _disposed = true;
        _open?.Dispose();
    }

    private static void Read(scoped GdbmReader reader, ref SasldbLookup lookup)
    {
        try
        {
            while (lookup.TryNext(out ReadOnlySpan<byte> key))
            {
                if (reader.TryFind(key, out GdbmElement element))
                    reader.CopyValue(element, lookup.Found(element.ValueLength));
            }
            if (!lookup.UserExists)
                lookup.UserExists = HasUsualProperty(ref reader, lookup.User);
        }
        finally
        {
            reader.Erase();
        }
    }

    private static bool HasUsualProperty(ref GdbmReader reader, ReadOnlySpan<byte> user)
    {
        Span<byte> key = stackalloc byte[SasldbKey.MaxLength];
        user.CopyTo(key);
        for (int index = 0; index < SasldbUsualProperties.Count; index++)
        {
            ReadOnlySpan<byte> name = SasldbUsualProperties.Name(index);
            if (name.TryCopyTo(key[user.Length..]) && reader.TryFind(key[..(user.Length + name.Length)], out _))
                return true;
        }
        return false;
    }

    private static void Erase(List<SasldbEntry> entries)
    {
        foreach (SasldbEntry entry in entries)
            entry.Dispose();
        entries.Clear();
    }

    private static Span<byte> Rent(ref byte[]? rented, int size)
    {
        if (rented?.Length < size)
        {
            ArrayPool<byte>.Shared.Return(rented);
            rented = null;
        }
        rented ??= ArrayPool<byte>.Shared.Rent(size);
        return rented.AsSpan(0, size);
    }

    private T ReadWhole<T>(Func<GdbmSnapshot, T> read)
    {
        var tries = new GdbmTries();
        do
        {
            GdbmSnapshot? snapshot = null;
            try
            {
                snapshot = Take();
                T result = read(snapshot);
                if (tries.AreEnough(snapshot, Now()))
                    return result;
            }
            catch (Exception failure) when (failure is GdbmDamageException or ObjectDisposedException or IOException)
            {
                ThrowUnlessOvertaken(failure, snapshot);
            }
        }
        while (tries.WaitForNext());
        throw ChangesTooFast();
    }

    // What looks like damage may be half of a change, if the file was touched meanwhile or shortly before.
    private void ThrowUnlessOvertaken(Exception failure, GdbmSnapshot? snapshot)
    {
        if (failure is ObjectDisposedException && !_disposed)
            return;
        if (failure is GdbmDamageException && (!_clock.IsSettled(Now()) || (snapshot is not null && snapshot.Identity != Now())))
            return;
        throw failure switch
        {
            GdbmDamageException => FileComplaint.Damaged(_path, failure.Message, failure),
            ObjectDisposedException => new ObjectDisposedException(nameof(GdbmForm)),
            _ => FileComplaint.From(_path, failure),
        };
    }

    private SasldbException ChangesTooFast() => new(
        SasldbFault.Busy, _path, $"{_path}: is being changed faster than it can be read");

    private FileIdentity Now() => _probe.TryGet(out FileFacts facts) ? facts.Identity : throw FileComplaint.Missing(_path);

    private GdbmSnapshot Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_probe.TryGet(out FileFacts facts))
            throw FileComplaint.Missing(_path);
        if (_open is { } open && open.Is(facts.Identity))
            return open.Snapshot(facts.Identity);
        lock (_opening)
            return OpenAgain(out FileIdentity identity).Snapshot(identity);
    }

    private GdbmFile OpenAgain(out FileIdentity identity)
    {
        if (!_probe.TryGet(out FileFacts facts))
            throw FileComplaint.Missing(_path);
        identity = facts.Identity;
        if (_open is { } open && open.Is(identity))
            return open;
        GdbmFile opened = GdbmFile.Open(_path, facts, _clock);
        if (facts.IsWorldReadable)
            options.Warning?.Invoke(FileComplaint.WorldReadable(_path, facts));
        GdbmFile? replaced = _open;
        _open = opened;
        replaced?.Dispose();
        return opened;
    }
}
