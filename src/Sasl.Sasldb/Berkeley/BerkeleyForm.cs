using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>The form of Cyrus SASL on Debian and Ubuntu: one Berkeley DB hash, read in place, written anew and put in its place.</summary>
/// <param name="options">Where it is, and how it is made.</param>
internal sealed class BerkeleyForm(SasldbOptions options) : ISasldbForm
{
    private const int StackPage = 4096;

    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Berkeley, BerkeleyMeta.IsOne, BerkeleyMeta.DescribeRelative, static options => new BerkeleyForm(options));

    private readonly string _path = options.Path;
    private readonly FileProbe _probe = new(options.Path);
    private readonly FileClock _clock = new(options.Clock, BerkeleyTries.Settling);
    private readonly Lock _opening = new();
    private volatile BerkeleyFile? _open;
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
            var tries = new BerkeleyTries();
            do
            {
                BerkeleyFile file = Open(out FileIdentity identity);
                try
                {
                    BerkeleySnapshot snapshot = file.Snapshot(identity);
                    int pageSize = snapshot.Meta.PageSize;
                    Span<byte> room = pageSize <= StackPage ? stack : rented ??= ArrayPool<byte>.Shared.Rent(BerkeleyLayout.MaxPageSize);
                    lookup.Restart();
                    Read(new BerkeleyReader(snapshot, room[..pageSize]), snapshot, ref lookup);
                    if (tries.AreEnough(file, snapshot, snapshot.Fingerprint, isDoubtful: !lookup.UserExists))
                        return;
                }
                catch (Exception failure) when (failure is BerkeleyDamageException or ObjectDisposedException or IOException)
                {
                    ThrowUnlessOvertaken(failure, file, identity);
                }
            }
            while (tries.WaitForNext());
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
    public IReadOnlyList<byte[]> ReadKeys(byte[]? after) => ReadWhole(
        snapshot => (BerkeleyListing.Read(snapshot, after, withValues: false, (key, _) => key), snapshot.Fingerprint));

    /// <inheritdoc/>
    public IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) => ReadWhole(
        snapshot => (BerkeleyListing.Read(snapshot, after, withValues: true, (key, value) => new SasldbEntry(key, value)), snapshot.Fingerprint),
        unbelieved => unbelieved.ForEach(entry => entry.Dispose()));

    /// <inheritdoc/>
    public SasldbState ReadState()
    {
        var tries = new BerkeleyTries();
        do
        {
            BerkeleyFile file = Open(out FileIdentity identity);
            try
            {
                // Only then does every later writing make another state.
                if (file.Snapshot(identity) is { IsSettled: true } snapshot && file.IsUntouched(identity))
                    return new SasldbState(identity, snapshot.Meta.Fingerprint);
            }
            catch (Exception failure) when (failure is BerkeleyDamageException or ObjectDisposedException or IOException)
            {
                ThrowUnlessOvertaken(failure, file, identity);
            }
        }
        while (tries.WaitForNext());
        throw ChangesTooFast();
    }

    /// <inheritdoc/>
    public long Verify(CancellationToken cancellationToken) => ReadWhole(snapshot =>
    {
        var inspection = new BerkeleyInspection(snapshot, cancellationToken);
        return (inspection.Inspect(), inspection.Fingerprint);
    });

    /// <inheritdoc/>
    public void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var writing = new BerkeleyWriting(options, change, cancellationToken);
        writing.Run();
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
        if (_open is not { Known: { } snapshot } || snapshot.Meta.PageSize > stack.Length)
            return false;
        try
        {
            lookup.Restart();
            Read(new BerkeleyReader(snapshot, stack[..snapshot.Meta.PageSize]), snapshot, ref lookup);
            return _probe.IsStill(snapshot.Identity) && !_disposed;
        }
        catch (Exception failure) when (failure is BerkeleyDamageException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    private static void Read(scoped BerkeleyReader reader, BerkeleySnapshot snapshot, ref SasldbLookup lookup)
    {
        while (lookup.TryNext(out ReadOnlySpan<byte> key))
        {
            if (reader.TryFind(key, out BerkeleyItem value))
                snapshot.Copy(value, lookup.Found(value.Length));
        }
        if (lookup.UserExists)
            return;
        Span<byte> usual = stackalloc byte[SasldbKey.MaxLength];
        lookup.User.CopyTo(usual);
        for (int index = 0; index < SasldbUsualProperties.Count && !lookup.UserExists; index++)
        {
            ReadOnlySpan<byte> name = SasldbUsualProperties.Name(index);
            int length = lookup.User.Length + name.Length;
            lookup.UserExists = length <= usual.Length && name.TryCopyTo(usual[lookup.User.Length..]) && reader.TryFind(usual[..length], out _);
        }
    }

    private T ReadWhole<T>(Func<BerkeleySnapshot, (T Result, ulong Fingerprint)> read, Action<T>? discard = null)
    {
        var tries = new BerkeleyTries();
        do
        {
            BerkeleyFile file = Open(out FileIdentity identity);
            try
            {
                BerkeleySnapshot snapshot = file.Snapshot(identity);
                (T result, ulong fingerprint) = read(snapshot);
                if (tries.AreEnough(file, snapshot, fingerprint, isDoubtful: false))
                    return result;
                discard?.Invoke(result);
            }
            catch (Exception failure) when (failure is BerkeleyDamageException or ObjectDisposedException or IOException)
            {
                ThrowUnlessOvertaken(failure, file, identity);
            }
        }
        while (tries.WaitForNext());
        throw ChangesTooFast();
    }

    // What looks like damage may be half of a change, if the file was touched meanwhile or shortly before.
    private void ThrowUnlessOvertaken(Exception failure, BerkeleyFile file, in FileIdentity identity)
    {
        if (failure is ObjectDisposedException && file != _open && !_disposed)
            return;
        if (failure is BerkeleyDamageException && (!_clock.IsSettled(identity) || IsTouched(file, identity)))
            return;
        throw failure switch
        {
            BerkeleyDamageException => FileComplaint.Damaged(_path, failure.Message, failure),
            ObjectDisposedException => new ObjectDisposedException(nameof(BerkeleyForm)),
            _ => FileComplaint.From(_path, failure),
        };
    }

    private static bool IsTouched(BerkeleyFile file, in FileIdentity identity)
    {
        try
        {
            return !file.IsUntouched(identity);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or IOException)
        {
            return true;
        }
    }

    private SasldbException ChangesTooFast() => new(
        SasldbFault.Busy, _path, $"{_path}: is being changed faster than it can be read");

    private BerkeleyFile Open(out FileIdentity identity)
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

    private BerkeleyFile OpenAgain(out FileIdentity identity)
    {
        if (!_probe.TryGet(out FileFacts facts))
            throw FileComplaint.Missing(_path);
        identity = facts.Identity;
        if (_open is { } open && open.Is(identity))
            return open;
        BerkeleyFile opened = BerkeleyFile.Open(_path, facts, _clock);
        if (facts.IsWorldReadable)
            options.Warning?.Invoke(FileComplaint.WorldReadable(_path, facts));
        BerkeleyFile? replaced = _open;
        _open = opened;
        replaced?.Dispose();
        return opened;
    }
}
