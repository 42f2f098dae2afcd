namespace Sasl;

/// <summary>A store that can say what it holds, for administration tools. Values are never listed.</summary>
public interface IListableCredentialStore : ICredentialStore
{
    /// <summary>Lists every user's property names, in the store's own order, without loading the store into memory.</summary>
    /// <param name="realm">Only this realm; null lists all.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    IAsyncEnumerable<(SaslUser User, string Property)> ListAsync(string? realm, CancellationToken cancellationToken);
}
