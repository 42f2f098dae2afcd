namespace Sasl.Tests;

/// <summary>A store that outlives the setups of a test: they dispose what was made for them.</summary>
internal sealed class Borrowed(MemoryCredentialStore store) : IWritableCredentialStore
{
    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken) =>
        store.LookupAsync(user, properties, cancellationToken);

    public ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken) =>
        store.StoreAsync(user, values, cancellationToken);

    public ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken) => store.RemoveAsync(user, cancellationToken);

    public ValueTask<bool> TryReplaceAsync(
        SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken) =>
        store.TryReplaceAsync(user, property, expected, replacement, cancellationToken);
}
