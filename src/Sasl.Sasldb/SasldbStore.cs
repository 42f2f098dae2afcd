using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sasl.Sasldb.Copying;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb;

/// <summary>Cyrus SASL's own user file, in whichever of its forms it is. Read and written in place, beside Cyrus itself.</summary>
/// <remarks>
/// Thread-safe. Constructing one opens nothing: a file that is missing is found when it appears, one that is replaced is read anew at the
/// next lookup, and a change by any process is seen at once. A lookup completes at once, from memory or the system's cache. A file that
/// cannot be read makes lookups throw <see cref="SaslUnavailableException"/>, a temporary failure, and never "no such user".
/// </remarks>
public sealed class SasldbStore : IWritableCredentialStore, IListableCredentialStore, IDisposable
{
    private const int FoundOnStack = 1024;

    private readonly SasldbOptions _options;
    private readonly DetectedForm _form;

    /// <summary>Names a file.</summary>
    /// <param name="path">The file; it need not be there.</param>
    public SasldbStore(string path)
        : this(new SasldbOptions { Path = path })
    {
    }

    /// <summary>Names a file, and says how it is made and written.</summary>
    /// <param name="options">Where and how.</param>
    /// <exception cref="SaslConfigurationException">An option is out of its range.</exception>
    public SasldbStore(SasldbOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = SasldbLimits.Check(options);
        _form = SasldbForms.For(_options);
    }

    /// <summary>The file, as an absolute path.</summary>
    public string Path => _options.Path;

    /// <summary>Looks at the file and tells its form.</summary>
    /// <returns>Null while there is no file, or an empty one.</returns>
    /// <exception cref="SasldbException">It cannot be read, or is of no form that can be.</exception>
    public SasldbFormat? DetectFormat() => _form.Detect();

    /// <summary>Fills in the wanted properties, all of one state of the file.</summary>
    /// <param name="user">Whose; a user without a realm is looked up in <see cref="SasldbOptions.DefaultRealm"/>.</param>
    /// <param name="properties">What is wanted.</param>
    /// <param name="cancellationToken">Looked at before the lookup, which does not wait.</param>
    /// <returns>False when the file has no property of the user's at all, or no file can have one: the name is too long or contains NUL.</returns>
    /// <exception cref="SaslUnavailableException">The file cannot be read; the inner exception says why.</exception>
    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(properties);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        try
        {
            return new ValueTask<bool>(Lookup(user, properties));
        }
        catch (SasldbException unusable)
        {
            return ValueTask.FromException<bool>(new SaslUnavailableException(unusable.Message, unusable));
        }
    }

    /// <summary>Stores and removes properties of one user, all of them or none, alone among all processes.</summary>
    /// <param name="user">Whose; created when unknown.</param>
    /// <param name="values">What to store and what to remove. A sasldb keeps one value of a property.</param>
    /// <param name="cancellationToken">Stops waiting for other writers, before anything is changed.</param>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A name or a value cannot be stored, or a property has two values.</exception>
    public ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(values);
        return new ValueTask(ChangeAsync([SasldbChange.Of(user, RealmOf(user), values)], cancellationToken));
    }

    /// <summary>Stores properties of many users in one transaction: for importing. All of them or none.</summary>
    /// <param name="users">The users and what to store or remove.</param>
    /// <param name="cancellationToken">Stops waiting for other writers, before anything is changed.</param>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A name or a value cannot be stored, or a property of one user has two values.</exception>
    public ValueTask StoreAllAsync(
        IEnumerable<(SaslUser User, IReadOnlyList<SaslPropertyValue> Values)> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);
        return new ValueTask(ChangeAsync([.. users.Select(one => SasldbChange.Of(one.User, RealmOf(one.User), one.Values))], cancellationToken));
    }

    /// <summary>Removes a user with every property, as <c>saslpasswd2 -d</c> does.</summary>
    /// <param name="user">Whom.</param>
    /// <param name="cancellationToken">Stops waiting for other writers, before anything is changed.</param>
    /// <returns>False when the user was unknown.</returns>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    public async ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return await RemoveAllAsync([user], cancellationToken).ConfigureAwait(false) > 0;
    }

    /// <summary>Removes users with every property, in one transaction: all of them or none.</summary>
    /// <param name="users">Whom; whoever is unknown is passed over.</param>
    /// <param name="cancellationToken">Stops it, before anything is changed.</param>
    /// <returns>How many were known.</returns>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A name cannot be part of a key.</exception>
    public async ValueTask<int> RemoveAllAsync(IEnumerable<SaslUser> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);
        SasldbRemoval removal = new(users.Select(user => SasldbKey.Make(user, RealmOf(user), property: null)));
        int removed = 0;
        // Nobody is to be removed from a file that is not there, and none is made for it.
        if (DetectFormat() is not null)
            await WriteAsync(writer => removed = removal.Apply(writer, cancellationToken), cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>Replaces one property only if it still has the expected value; atomic across processes.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="property">Its name.</param>
    /// <param name="expected">The value it must have; null when it must be absent.</param>
    /// <param name="replacement">The new value; null removes it.</param>
    /// <param name="cancellationToken">Stops waiting for other writers, before anything is changed.</param>
    /// <returns>False when it had another value, and nothing was changed.</returns>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A name or a value cannot be stored.</exception>
    public async ValueTask<bool> TryReplaceAsync(
        SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(property);
        SasldbValue.RequireStorable(property);
        byte[] key = SasldbKey.Make(user, RealmOf(user), property);
        byte[]? record = replacement is { } value ? SasldbValue.Of(property, value) : null;
        bool replaced = false;
        try
        {
            await WriteAsync(writer => replaced = SasldbReplacement.TryApply(writer, key, expected, record), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(record);
        }
        return replaced;
    }

    /// <summary>Lists every user's property names in the file's order, few in memory at a time; a key that is no sasldb's is passed over.</summary>
    /// <param name="realm">Only this realm; null lists all.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="SasldbException">The file cannot be read.</exception>
    public async IAsyncEnumerable<(SaslUser User, string Property)> ListAsync(
        string? realm, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[]? last = null;
        while (_form.ReadKeys(last) is { Count: > 0 } keys)
        {
            foreach (byte[] key in keys)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (SasldbKey.TrySplit(key, out SaslUser? user, out string? property) && (realm is null || user.Realm == realm))
                    yield return (user, property);
            }
            last = keys[^1];
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <summary>Reads every record with its value, secrets included: for export and conversion. Keys that are no sasldb's are read too.</summary>
    /// <remarks>All are of one state of the file. Few of them are in memory at a time. Each is erased when the next one is asked for.</remarks>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="SasldbException">
    /// The file cannot be read; or it was changed meanwhile, <see cref="SasldbFault.Changed"/>, and what was read so far is to be thrown away.
    /// </exception>
    public async IAsyncEnumerable<SasldbEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (SasldbEntry entry in SasldbWalk.Over(_form, Path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <summary>Stores records as they are, over those that have the same keys, in one transaction: all of them or none. Others stay.</summary>
    /// <param name="entries">
    /// The records. Gone through within the transaction, and from the beginning again when it begins again because another program made or
    /// replaced the file meanwhile. They stay the caller's: one that is made on the way may be erased when the next one is asked for.
    /// </param>
    /// <param name="progress">Hears how many were taken; less than before when it begins again. Null when nobody waits.</param>
    /// <param name="cancellationToken">Stops it, before anything is changed.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">A key or a value is longer than every form keeps; nothing was changed.</exception>
    public async Task<long> StoreEntriesAsync(IEnumerable<SasldbEntry> entries, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        long count = 0;
        await WriteAsync(writer => count = SasldbWalk.Store(entries, writer, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Copies every record into another file, of whichever form, in one transaction there. Records of other keys stay there.</summary>
    /// <param name="target">The other file.</param>
    /// <param name="progress">Hears how many records have been read; null when nobody waits.</param>
    /// <param name="cancellationToken">Stops it, before anything is changed.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="SasldbException">
    /// One of the files cannot be used, or this one was changed meanwhile: <see cref="SasldbFault.Changed"/>. Nothing was changed there.
    /// </exception>
    /// <exception cref="ArgumentException">Both are the same file, or a key or a value is longer than every form keeps.</exception>
    public async Task<long> CopyToAsync(SasldbStore target, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Path == Path)
            throw new ArgumentException("A sasldb cannot be copied into itself.", nameof(target));
        long count = 0;
        await target.WriteAsync(
            writer => count = SasldbWalk.Store(SasldbWalk.Over(_form, Path), writer, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>
    /// Makes a new file of every record, in whichever form, with this file's owner, group and mode. It is written beside its place, compared
    /// record by record, and renamed: whatever happens, there is a whole file or none. Memory does not grow with the number of records.
    /// </summary>
    /// <param name="to">Where it goes and in which form; <see cref="SasldbOptions.CreateMode"/> is not used.</param>
    /// <param name="overwrite">Whether a file that is there may go.</param>
    /// <param name="progress">Hears how many records were copied; less than before when it begins again. Null when nobody waits.</param>
    /// <param name="cancellationToken">Stops it; nothing is left behind.</param>
    /// <returns>How many records there are.</returns>
    /// <exception cref="SasldbException">
    /// One of the files cannot be used, or this one was changed each of several times while it was read: <see cref="SasldbFault.Changed"/>.
    /// </exception>
    /// <exception cref="ArgumentException">A key or a value is longer than the new form keeps.</exception>
    /// <exception cref="SaslConfigurationException">An option is out of its range.</exception>
    public Task<long> CopyToNewFileAsync(SasldbOptions to, bool overwrite, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(to);
        SasldbOptions options = SasldbLimits.Check(to);
        return Task.Run(() => new SasldbCopy(Path, _form, options, SasldbForms.For, progress, cancellationToken).Run(overwrite), cancellationToken);
    }

    /// <summary>Moves users of one realm to another with everything stored of them, in one transaction.</summary>
    /// <param name="name">Whom; null moves everybody of the realm.</param>
    /// <param name="oldRealm">The realm they have; may be empty.</param>
    /// <param name="newRealm">The realm they get; may be empty.</param>
    /// <param name="cancellationToken">Stops it, before anything is changed.</param>
    /// <returns>How many were moved; or who is in the way, and then nothing was changed.</returns>
    /// <exception cref="SasldbException">The file cannot be written; nothing was changed.</exception>
    /// <exception cref="ArgumentException">The name or a realm cannot be part of a key, or a key would become too long.</exception>
    public async Task<SasldbRealmChange> ChangeRealmAsync(string? name, string oldRealm, string newRealm, CancellationToken cancellationToken)
    {
        var move = new SasldbRealmMove(name, oldRealm, newRealm);
        var result = new SasldbRealmChange(0, 0, []);
        await WriteAsync(writer => result = move.Apply(writer, cancellationToken), cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Reads the whole file and checks that it holds together, which lookups do only for the pages they pass.</summary>
    /// <param name="cancellationToken">Stops checking.</param>
    /// <returns>How many records it has.</returns>
    /// <exception cref="SasldbException">The file cannot be read, or is damaged.</exception>
    public Task<long> VerifyAsync(CancellationToken cancellationToken) => Task.Run(() => _form.Verify(cancellationToken), cancellationToken);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _form.Dispose();

    [SkipLocalsInit]
    private bool Lookup(SaslUser user, PropertySet properties)
    {
        Span<byte> key = stackalloc byte[SasldbKey.MaxLength];
        if (!SasldbKey.TryWriteUser(user.Name, RealmOf(user), key, out int length))
            return false;
        var lookup = new SasldbLookup(properties.Wanted, key, length, stackalloc byte[FoundOnStack]);
        try
        {
            _form.Read(ref lookup);
            lookup.Deliver(properties);
            return lookup.UserExists;
        }
        finally
        {
            lookup.Dispose();
        }
    }

    private string RealmOf(SaslUser user) => user.Realm.Length == 0 ? _options.DefaultRealm : user.Realm;

    private async Task ChangeAsync(SasldbChange[] changes, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(
                writer =>
                {
                    foreach (SasldbChange change in changes)
                        change.Apply(writer);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (SasldbChange change in changes)
                change.Erase();
        }
    }

    // A write waits for the disk and for other processes, and its lock belongs to a thread: so it has a thread to itself.
    private Task WriteAsync(Action<ISasldbWriter> change, CancellationToken cancellationToken) => _options.ReadOnly
        ? Task.FromException(new SasldbException(SasldbFault.NotWritable, Path, $"{Path}: is used read-only here"))
        : Task.Run(() => _form.Write(change, cancellationToken), cancellationToken);
}
