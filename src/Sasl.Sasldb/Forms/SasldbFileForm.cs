using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Forms;

/// <summary>What all forms have in common: one file, read in place without a lock, and read again when a writer came between.</summary>
internal abstract class SasldbFileForm<TFile, TSnapshot> : ISasldbForm
    where TFile : OpenFile, ISasldbFile<TSnapshot>
    where TSnapshot : class, ISasldbSnapshot
{
    // A usual page, and a usual record beside it for the form that has records elsewhere.
    private const int StackRoom = 4096 + 1024;

    private readonly FileFollower<TFile> _file;
    private readonly TimeSpan _doubt;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Where the file is, and how it is made.</param>
    /// <param name="open">Opens it for reading.</param>
    /// <param name="doubt">How long "no such user" is not believed of a file that is being written.</param>
    protected SasldbFileForm(SasldbOptions options, Func<FileFacts, TFile> open, TimeSpan doubt)
    {
        Options = options;
        _file = new FileFollower<TFile>(options, open);
        _doubt = doubt;
    }

    /// <summary>Where the file is, and how it is made.</summary>
    protected SasldbOptions Options { get; }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Read(ref SasldbLookup lookup)
    {
        byte[]? rented = null;
        int used = 0;
        Span<byte> stack = stackalloc byte[StackRoom];
        try
        {
            if (TryReadKnown(stack, ref used, ref lookup))
                return;
            var tries = new SasldbTries(_doubt);
            do
            {
                TFile file = _file.Find(out FileIdentity identity);
                TSnapshot? snapshot = null;
                try
                {
                    snapshot = file.Snapshot(identity);
                    Span<byte> room = RoomFor(snapshot, stack, ref used, ref rented);
                    lookup.Restart();
                    Read(snapshot, room, ref lookup);
                    if (IsNewest(file, snapshot) && tries.AreEnough(snapshot.IsDoubtful, snapshot.Fingerprint, isAbsence: !lookup.UserExists))
                        return;
                }
                catch (Exception failure) when (IsExpected(failure))
                {
                    ThrowUnlessOvertaken(failure, file, snapshot, identity);
                }
            }
            while (tries.WaitForNext());
            throw ChangesTooFast();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(stack[..used]);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <inheritdoc/>
    public abstract IReadOnlyList<byte[]> ReadKeys(byte[]? after);

    /// <inheritdoc/>
    public abstract IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after);

    /// <inheritdoc/>
    public SasldbState ReadState()
    {
        var tries = new SasldbTries(_doubt);
        do
        {
            TFile file = _file.Find(out FileIdentity identity);
            TSnapshot? snapshot = null;
            try
            {
                snapshot = file.Snapshot(identity);
                // Of a doubtful one, a later writing need not make another state.
                if (!snapshot.IsDoubtful && IsNewest(file, snapshot))
                    return new SasldbState(identity, snapshot.Version);
            }
            catch (Exception failure) when (IsExpected(failure))
            {
                ThrowUnlessOvertaken(failure, file, snapshot, identity);
            }
        }
        while (tries.WaitForNext());
        throw ChangesTooFast();
    }

    /// <inheritdoc/>
    public abstract long Verify(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Finds the wanted records in one state.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="room">As much room as it asks for.</param>
    /// <param name="lookup">What is wanted, and where it goes.</param>
    protected abstract void Read(TSnapshot snapshot, scoped Span<byte> room, ref SasldbLookup lookup);

    /// <summary>Whether nobody has written since a state was read, so that everything read through it is right.</summary>
    protected virtual bool IsNewest(TFile file, TSnapshot snapshot) => file.IsUntouched(snapshot.Identity);

    /// <summary>Whether what looks like damage may be half of a change.</summary>
    /// <param name="file">The file.</param>
    /// <param name="snapshot">What it was read through; null when it did not come so far.</param>
    /// <param name="identity">What the system said about the file before it was read.</param>
    protected abstract bool IsOvertaken(TFile file, TSnapshot? snapshot, in FileIdentity identity);

    /// <summary>Refuses to go on after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    protected void RequireOpen() => ObjectDisposedException.ThrowIf(_file.IsDisposed, this);

    /// <summary>Reads something else than a lookup wants, of one state.</summary>
    /// <param name="read">Reads it and gives the fingerprint of all that was read.</param>
    /// <param name="discard">Told what was read and is not believed; null when it may just be dropped.</param>
    protected T ReadWhole<T>(Func<TSnapshot, (T Result, ulong Fingerprint)> read, Action<T>? discard = null)
    {
        var tries = new SasldbTries(_doubt);
        do
        {
            TFile file = _file.Find(out FileIdentity identity);
            TSnapshot? snapshot = null;
            try
            {
                snapshot = file.Snapshot(identity);
                (T result, ulong fingerprint) = read(snapshot);
                if (IsNewest(file, snapshot) && tries.AreEnough(snapshot.IsDoubtful, fingerprint, isAbsence: false))
                    return result;
                discard?.Invoke(result);
            }
            catch (Exception failure) when (IsExpected(failure))
            {
                ThrowUnlessOvertaken(failure, file, snapshot, identity);
            }
        }
        while (tries.WaitForNext());
        throw ChangesTooFast();
    }

    /// <summary>Erases records that are not handed over.</summary>
    protected static void Erase(IEnumerable<SasldbEntry> entries)
    {
        foreach (SasldbEntry entry in entries)
            entry.Dispose();
    }

    // Reads on trust first, and asks the system once, afterwards, whether the trust was justified: whether the path still names the file,
    // and nobody wrote to it. Whatever else happens is found out, and said, by beginning anew.
    private bool TryReadKnown(scoped Span<byte> stack, ref int used, ref SasldbLookup lookup)
    {
        if (_file.Opened is not { Known: { } snapshot } file || snapshot.Room > stack.Length)
            return false;
        used = snapshot.SecretRoom;
        try
        {
            lookup.Restart();
            Read(snapshot, stack[..snapshot.Room], ref lookup);
            return (snapshot.IsSettled || IsNewest(file, snapshot)) && _file.IsStill(file, snapshot.Identity) && !_file.IsDisposed;
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            return false;
        }
    }

    private static Span<byte> RoomFor(TSnapshot snapshot, Span<byte> stack, ref int used, ref byte[]? rented)
    {
        int length = snapshot.Room;
        if (length <= stack.Length)
        {
            used = Math.Max(used, snapshot.SecretRoom);
            return stack[..length];
        }
        if (rented is not null && rented.Length < length)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            rented = null;
        }
        rented ??= ArrayPool<byte>.Shared.Rent(length);
        return rented.AsSpan(0, length);
    }

    private static bool IsExpected(Exception failure) => failure is FileDamageException or ObjectDisposedException or IOException;

    private void ThrowUnlessOvertaken(Exception failure, TFile file, TSnapshot? snapshot, in FileIdentity identity)
    {
        if (failure is ObjectDisposedException && file != _file.Opened && !_file.IsDisposed)
            return;
        if (failure is FileDamageException && IsOvertakenOrClosed(file, snapshot, identity))
            return;
        throw failure switch
        {
            FileDamageException => FileComplaint.Damaged(Options.Path, failure.Message, failure),
            ObjectDisposedException => new ObjectDisposedException(GetType().Name),
            _ => FileComplaint.From(Options.Path, failure),
        };
    }

    private bool IsOvertakenOrClosed(TFile file, TSnapshot? snapshot, in FileIdentity identity)
    {
        try
        {
            return IsOvertaken(file, snapshot, identity);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or IOException)
        {
            return true;
        }
    }

    private SasldbException ChangesTooFast() => new(
        SasldbFault.Busy, Options.Path, $"{Options.Path}: is being changed faster than it can be read");
}
