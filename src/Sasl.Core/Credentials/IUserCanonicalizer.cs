namespace Sasl;

/// <summary>Turns the name a peer sent into the user that stores are keyed by.</summary>
public interface IUserCanonicalizer
{
    /// <summary>Canonicalises a name.</summary>
    /// <param name="name">The name as it was sent, an authcid or an authzid.</param>
    /// <param name="service">Who is asking; its realm is appended to bare names.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>Null when the name cannot be anyone's.</returns>
    ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken);
}
