using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Lmdb;

/// <summary>The form of Cyrus SASL's development version: one LMDB file, no sub-directory, the records in its main tree.</summary>
/// <param name="options">Where it is, and how it is made.</param>
internal sealed class LmdbForm(SasldbOptions options) : ISasldbForm
{
    private const int MostTries = 1000;
    private const int MostInspections = 10;
    private const int StackPage = 4096;

    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Lmdb, LmdbMeta.IsOne, LmdbMeta.DescribeRelative, static options => new LmdbForm(options));

    private delegate T LeafReader<T>(LmdbReader reader, in LmdbEntry entry);

    private readonly string _path = options.Path;
    private readonly FileProbe _probe = new(options.Path);
    private readonly FileSettling _settling = new(options.Clock);
    private readonly Lock _opening = new();
    private volatile LmdbFile? _open;
    private volatile bool _disposed;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Read(ref SasldbLookup lookup)
    {
        byte[]? rented = null;
        Span<byte> stack = stackalloc byte[StackPage];
        try
        {
            if (TryReadKnown(stack, ref lookup))
                return;
            for (int tries = 0; tries < MostTries; tries++)
            {
                LmdbFile file = Open(out FileIdentity identity);
                LmdbSnapshot? snapshot = null;
                try
                {
                    snapshot = file.Snapshot(identity);
                    Span<byte> leaf = snapshot.Meta.PageSize <= StackPage
                        ? stack
                        : rented ??= ArrayPool<byte>.Shared.Rent(LmdbLayout.MaxPageSize);
                    lookup.Restart();
                    Read(new LmdbReader(snapshot, leaf[..snapshot.Meta.PageSize]), ref lookup);
                    if (file.IsNewest(snapshot))
                        return;
                }
                catch (Exception failure) when (failure is LmdbDamageException or ObjectDisposedException or IOException)
                {
                    ThrowUnlessOvertaken(failure, file, snapshot);
                }
            }
            throw ChangesTooFast();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(stack);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> ReadKeys(byte[]? after) =>
        ReadWhole(MostTries, (snapshot, _) => ReadLeaf(snapshot, after, static (LmdbReader _, in LmdbEntry entry) => entry.Key.ToArray()));

    /// <inheritdoc/>
    public IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) =>
        ReadWhole(MostTries, (snapshot, _) => ReadLeaf(snapshot, after, ReadEntry));

    /// <inheritdoc/>
    public SasldbState ReadState() => ReadWhole(MostTries, static (snapshot, identity) => new SasldbState(identity, snapshot.Meta.Transaction));

    /// <inheritdoc/>
    public long Verify(CancellationToken cancellationToken) =>
        ReadWhole(MostInspections, (snapshot, _) => new LmdbInspection(snapshot, cancellationToken).Inspect());

    /// <inheritdoc/>
    public void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            // Before anything is made beside a file that is no LMDB file, or must not be written.
            _ = NewestTransaction();
            string target = FileReplacement.Follow(_path);
            FileReplacement.RequireOneName(target, "those who write by each would not wait for each other");
            using LmdbWriteLock writeLock = LmdbWriteLock.Take(target, options, NewestTransaction, cancellationToken);
            using SafeFileHandle file = LmdbDataFile.OpenToWrite(target, options, cancellationToken);
            LmdbMeta meta = LmdbDataFile.ReadMeta(file);
            // A writer that died may have committed without telling liblmdb's readers, or the file is another one than before.
            writeLock.Publish(meta.Transaction);
            using var transaction = new LmdbWriteTransaction(file, meta, writeLock, _path, options.MaxMapSize);
            change(transaction);
            cancellationToken.ThrowIfCancellationRequested();
            transaction.Commit();
        }
        catch (LmdbDamageException damage)
        {
            throw FileComplaint.Damaged(_path, damage.Message, damage);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FileComplaint.From(_path, failure);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _disposed = true;
        _open?.Dispose();
    }

    // Reads on trust first, and asks the system once, afterwards, whether the trust was justified: whether the path still names the file,
    // and nobody wrote to it. Whatever else happens is found out, and said, by beginning anew.
    private bool TryReadKnown(scoped Span<byte> stack, ref SasldbLookup lookup)
    {
        if (_open is not { Known: { } snapshot } file || snapshot.Meta.PageSize > StackPage || file.IsDueToSettle(snapshot))
            return false;
        try
        {
            lookup.Restart();
            Read(new LmdbReader(snapshot, stack[..snapshot.Meta.PageSize]), ref lookup);
            return (snapshot.IsSettled || file.IsNewest(snapshot))
                && _probe.IsStill(snapshot.Identity) && !_disposed;
        }
        catch (Exception failure) when (failure is LmdbDamageException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    private static void Read(scoped LmdbReader reader, ref SasldbLookup lookup)
    {
        while (lookup.TryNext(out ReadOnlySpan<byte> key))
        {
            if (reader.TryFind(key, out LmdbEntry entry))
                reader.CopyValue(entry, lookup.Found(LmdbSnapshot.CheckedLength(entry, isPageList: false)));
        }
        if (!lookup.UserExists && reader.TrySeek(lookup.User, out LmdbPage page, out int index))
            lookup.UserExists = page[index].Key.StartsWith(lookup.User);
    }

    // All of one leaf: whatever the order of commits, a call sees one state.
    private static List<T> ReadLeaf<T>(LmdbSnapshot snapshot, byte[]? after, LeafReader<T> read)
    {
        var found = new List<T>();
        byte[] leaf = new byte[snapshot.Meta.PageSize];
        try
        {
            var reader = new LmdbReader(snapshot, leaf);
            ReadOnlySpan<byte> last = after;
            if (reader.TrySeek(after is null ? [] : [.. after, 0], out LmdbPage page, out int index))
            {
                for (; index < page.Count; index++)
                {
                    LmdbEntry entry = page[index];
                    if (entry.Key.SequenceCompareTo(last) <= 0)
                        throw new LmdbDamageException("its keys are not in order");
                    found.Add(read(reader, entry));
                    last = entry.Key;
                }
            }
            return found;
        }
        catch
        {
            Erase(found as IEnumerable<SasldbEntry>);
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(leaf);
        }
    }

    private static SasldbEntry ReadEntry(LmdbReader reader, in LmdbEntry entry)
    {
        byte[] value = new byte[LmdbSnapshot.CheckedLength(entry, isPageList: false)];
        reader.CopyValue(entry, value);
        return new SasldbEntry(entry.Key.ToArray(), value);
    }

    private static void Erase(IEnumerable<SasldbEntry>? entries)
    {
        foreach (SasldbEntry entry in entries ?? [])
            entry.Dispose();
    }

    private T ReadWhole<T>(int mostTries, Func<LmdbSnapshot, FileIdentity, T> read)
    {
        for (int tries = 0; tries < mostTries; tries++)
        {
            LmdbFile file = Open(out FileIdentity identity);
            LmdbSnapshot? snapshot = null;
            try
            {
                snapshot = file.Snapshot(identity);
                T result = read(snapshot, identity);
                if (file.IsNewest(snapshot))
                    return result;
                Erase(result as IEnumerable<SasldbEntry>);
            }
            catch (Exception failure) when (failure is LmdbDamageException or ObjectDisposedException or IOException)
            {
                ThrowUnlessOvertaken(failure, file, snapshot);
            }
        }
        throw ChangesTooFast();
    }

    // What looks like damage may be a writer's work, if the state is no longer the newest.
    private void ThrowUnlessOvertaken(Exception failure, LmdbFile file, LmdbSnapshot? snapshot)
    {
        if (failure is ObjectDisposedException && file != _open && !_disposed)
            return;
        if (failure is LmdbDamageException && snapshot is not null && IsOvertaken(file, snapshot))
            return;
        throw failure switch
        {
            LmdbDamageException => FileComplaint.Damaged(_path, failure.Message, failure),
            ObjectDisposedException => new ObjectDisposedException(nameof(LmdbForm)),
            _ => FileComplaint.From(_path, failure),
        };
    }

    private static bool IsOvertaken(LmdbFile file, LmdbSnapshot snapshot)
    {
        try
        {
            return !file.IsNewest(snapshot);
        }
        catch (Exception failure) when (failure is LmdbDamageException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    private SasldbException ChangesTooFast() => new(
        SasldbFault.Busy, _path, $"{_path}: is being changed faster than it can be read");

    private ulong NewestTransaction()
    {
        if (!_probe.TryGet(out FileFacts facts) || facts.Identity.Length == 0)
            return 0;
        using SafeFileHandle file = LmdbDataFile.OpenToRead(_path, facts);
        return LmdbDataFile.ReadMeta(file).Transaction;
    }

    private LmdbFile Open(out FileIdentity identity)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_probe.TryGet(out FileFacts facts))
            throw FileComplaint.Missing(_path);
        identity = facts.Identity;
        if (_open is { } open && open.Is(identity))
            return open;
        lock (_opening)
            return OpenAgain(out identity);
    }

    private LmdbFile OpenAgain(out FileIdentity identity)
    {
        if (!_probe.TryGet(out FileFacts facts))
            throw FileComplaint.Missing(_path);
        identity = facts.Identity;
        if (_open is { } open && open.Is(identity))
            return open;
        LmdbFile opened;
        try
        {
            opened = new LmdbFile(LmdbDataFile.OpenToRead(_path, facts), identity, _settling);
        }
        catch (IOException failure)
        {
            throw FileComplaint.From(_path, failure);
        }
        if (facts.IsWorldReadable)
            options.Warning?.Invoke(FileComplaint.WorldReadable(_path, facts));
        LmdbFile? replaced = _open;
        _open = opened;
        replaced?.Dispose();
        return opened;
    }
}
