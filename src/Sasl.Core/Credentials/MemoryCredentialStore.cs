using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>A credential store in memory: for tests, samples, and services that fetch their few accounts when they start.</summary>
/// <remarks>Thread-safe. Values are erased when they are replaced or removed and when the store is disposed; they are never printed.</remarks>
public sealed class MemoryCredentialStore : IWritableCredentialStore, IListableCredentialStore, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SaslUser, List<Entry>> _users = [];
    private bool _disposed;

    private readonly record struct Entry(string Property, SaslSecret Value);

    /// <summary>Adds one value beside those that the property has already.</summary>
    /// <param name="user">Whose; created when unknown.</param>
    /// <param name="property">The property's name.</param>
    /// <param name="value">The octets; copied.</param>
    public void Add(SaslUser user, string property, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentException.ThrowIfNullOrEmpty(property);
        lock (_gate)
        {
            ThrowIfDisposed();
            AddEntry(user, property, value);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(properties);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ThrowIfDisposed();
            if (!_users.TryGetValue(user, out List<Entry>? entries))
                return new(false);
            foreach (Entry entry in entries)
                properties.Add(entry.Property, entry.Value.Span);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(values);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ThrowIfDisposed();
            foreach (SaslPropertyValue value in values)
                RemoveEntries(user, value.Name);
            foreach (SaslPropertyValue value in values)
            {
                if (value.Value is { } octets)
                    AddEntry(user, value.Name, octets.Span);
            }
            ForgetIfEmpty(user);
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ThrowIfDisposed();
            if (!_users.Remove(user, out List<Entry>? entries))
                return new(false);
            Erase(entries);
            return new(true);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A property with several values has none that could be expected, and is never replaced.</remarks>
    public ValueTask<bool> TryReplaceAsync(
        SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentException.ThrowIfNullOrEmpty(property);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ThrowIfDisposed();
            if (!Holds(user, property, expected))
                return new(false);
            RemoveEntries(user, property);
            if (replacement is { } octets)
                AddEntry(user, property, octets.Span);
            ForgetIfEmpty(user);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<(SaslUser User, string Property)> ListAsync(
        string? realm, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);    // the list is in memory; the contract is not
        foreach ((SaslUser User, string Property) pair in Names(realm))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return pair;
        }
    }

    /// <summary>Erases everything. The store cannot be used afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (List<Entry> entries in _users.Values)
                Erase(entries);
            _users.Clear();
        }
    }

    /// <summary>Never what the store holds.</summary>
    public override string ToString() => nameof(MemoryCredentialStore);

    private List<(SaslUser User, string Property)> Names(string? realm)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            return
            [
                .. _users
                    .Where(user => realm is null || user.Key.Realm == realm)
                    .SelectMany(static user => user.Value.Select(static entry => entry.Property).Distinct().Select(name => (user.Key, name))),
            ];
        }
    }

    private bool Holds(SaslUser user, string property, ReadOnlyMemory<byte>? expected)
    {
        List<Entry> held = _users.TryGetValue(user, out List<Entry>? entries) ? entries.FindAll(entry => entry.Property == property) : [];
        return expected is { } octets
            ? held is [var only] && CryptographicOperations.FixedTimeEquals(only.Value.Span, octets.Span)
            : held is [];
    }

    private void AddEntry(SaslUser user, string property, ReadOnlySpan<byte> value)
    {
        if (!_users.TryGetValue(user, out List<Entry>? entries))
            _users.Add(user, entries = []);
        entries.Add(new Entry(property, SaslSecret.FromOctets(value)));
    }

    private void RemoveEntries(SaslUser user, string property)
    {
        if (!_users.TryGetValue(user, out List<Entry>? entries))
            return;
        Erase(entries.FindAll(entry => entry.Property == property));
        entries.RemoveAll(entry => entry.Property == property);
    }

    // A user without any property does not exist, as in sasldb.
    private void ForgetIfEmpty(SaslUser user)
    {
        if (_users.TryGetValue(user, out List<Entry>? entries) && entries.Count == 0)
            _users.Remove(user);
    }

    private static void Erase(List<Entry> entries)
    {
        foreach (Entry entry in entries)
            entry.Value.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
