namespace Sasl;

/// <summary>A store that can also be written: for setting passwords, for OTP sequence numbers, and for transitions.</summary>
public interface IWritableCredentialStore : ICredentialStore
{
    /// <summary>Stores and removes properties of one user, all of them or none. Properties not named stay as they are;
    /// of a named one every older value goes. A store that keeps one value of a property refuses several of one name.</summary>
    /// <param name="user">Whose; created when unknown.</param>
    /// <param name="values">What to store and what to remove. A property that is both removed and stored is stored. The octets are valid until
    /// the task completes; the caller erases them then.</param>
    /// <param name="cancellationToken">Cancels waiting, before anything is changed.</param>
    ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken);

    /// <summary>Removes a user with every property.</summary>
    /// <param name="user">Whom.</param>
    /// <param name="cancellationToken">Cancels waiting, before anything is changed.</param>
    /// <returns>False when the user was unknown.</returns>
    ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken);

    /// <summary>Replaces one property only if it still has the expected value; atomic across processes.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="property">Its name.</param>
    /// <param name="expected">The value it must have; null when it must be absent.</param>
    /// <param name="replacement">The new value; null removes the property.</param>
    /// <param name="cancellationToken">Cancels waiting, before anything is changed.</param>
    /// <returns>False when it had another value, and nothing was changed.</returns>
    ValueTask<bool> TryReplaceAsync(
        SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken);
}
