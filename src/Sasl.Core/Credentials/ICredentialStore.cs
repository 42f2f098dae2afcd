namespace Sasl;

/// <summary>Where users' properties are kept: sasldb, SQL, LDAP, memory. It gives credentials out; compare <see cref="IPasswordVerifier"/>.</summary>
public interface ICredentialStore
{
    /// <summary>Fills in the wanted properties it has.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="properties">What is wanted; <see cref="PropertySet.Add"/> is called for each value found.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>False when it does not know the user. A store that cannot answer throws, which becomes a temporary failure.</returns>
    ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken);
}
