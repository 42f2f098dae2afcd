using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Lmdb;

/// <summary>The form of Cyrus SASL's development version: one LMDB file, no sub-directory, the records in its main tree.</summary>
internal sealed class LmdbForm : SasldbFileForm<LmdbFile, LmdbSnapshot>
{
    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Lmdb, LmdbMeta.IsOne, LmdbMeta.DescribeRelative, static options => new LmdbForm(options));

    private delegate T LeafReader<T>(LmdbReader reader, in LmdbEntry entry);

    private readonly FileProbe _probe;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Where it is, and how it is made.</param>
    public LmdbForm(SasldbOptions options)
        : this(options, new FileSettling(options.Clock))
    {
    }

    private LmdbForm(SasldbOptions options, FileSettling settling)
        : base(options, facts => new LmdbFile(LmdbDataFile.OpenToRead(options.Path, facts), facts.Identity, settling), TimeSpan.Zero) =>
        _probe = new FileProbe(options.Path);

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> ReadKeys(byte[]? after) => ReadWhole(
        snapshot => (ReadLeaf(snapshot, after, static (LmdbReader _, in LmdbEntry entry) => entry.Key.ToArray()), snapshot.Fingerprint));

    /// <inheritdoc/>
    public override IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) =>
        ReadWhole(snapshot => (ReadLeaf(snapshot, after, ReadEntry), snapshot.Fingerprint), Erase);

    /// <inheritdoc/>
    public override long Verify(CancellationToken cancellationToken) =>
        ReadWhole(snapshot => (new LmdbInspection(snapshot, cancellationToken).Inspect(), snapshot.Fingerprint));

    /// <inheritdoc/>
    public override void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        RequireOpen();
        try
        {
            // Before anything is made beside a file that is no LMDB file, or must not be written.
            _ = NewestTransaction();
            string target = FileReplacement.Follow(Options.Path);
            FileReplacement.RequireOneName(target, "those who write by each would not wait for each other");
            using LmdbWriteLock writeLock = LmdbWriteLock.Take(target, Options, NewestTransaction, cancellationToken);
            using SafeFileHandle file = LmdbDataFile.OpenToWrite(target, Options, cancellationToken);
            LmdbMeta meta = LmdbDataFile.ReadMeta(file);
            // A writer that died may have committed without telling liblmdb's readers, or the file is another one than before.
            writeLock.Publish(meta.Transaction);
            using var transaction = new LmdbWriteTransaction(file, meta, writeLock, Options.Path, Options.MaxMapSize);
            change(transaction);
            cancellationToken.ThrowIfCancellationRequested();
            transaction.Commit();
        }
        catch (FileDamageException damage)
        {
            throw FileComplaint.Damaged(Options.Path, damage.Message, damage);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FileComplaint.From(Options.Path, failure);
        }
    }

    /// <inheritdoc/>
    protected override void Read(LmdbSnapshot snapshot, scoped Span<byte> room, ref SasldbLookup lookup)
    {
        var reader = new LmdbReader(snapshot, room);
        while (lookup.TryNext(out ReadOnlySpan<byte> key))
        {
            if (reader.TryFind(key, out LmdbEntry entry))
                reader.CopyValue(entry, lookup.Found(LmdbSnapshot.CheckedLength(entry, isPageList: false)));
        }
        if (!lookup.UserExists && reader.TrySeek(lookup.User, out LmdbPage page, out int index))
            lookup.UserExists = page[index].Key.StartsWith(lookup.User);
    }

    /// <inheritdoc/>
    protected override bool IsNewest(LmdbFile file, LmdbSnapshot snapshot) => file.IsNewest(snapshot);

    // What looks like damage may be a writer's work, if the state is no longer the newest.
    /// <inheritdoc/>
    protected override bool IsOvertaken(LmdbFile file, LmdbSnapshot? snapshot, in FileIdentity identity)
    {
        try
        {
            return snapshot is not null && !file.IsNewest(snapshot);
        }
        catch (FileDamageException)
        {
            return false;
        }
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
                        throw new FileDamageException("its keys are not in order");
                    found.Add(read(reader, entry));
                    last = entry.Key;
                }
            }
            return found;
        }
        catch
        {
            Erase(found.OfType<SasldbEntry>());
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

    private ulong NewestTransaction()
    {
        if (!_probe.TryGet(out FileFacts facts) || facts.Identity.Length == 0)
            return 0;
        using SafeFileHandle file = LmdbDataFile.OpenToRead(Options.Path, facts);
        return LmdbDataFile.ReadMeta(file).Transaction;
    }
}
