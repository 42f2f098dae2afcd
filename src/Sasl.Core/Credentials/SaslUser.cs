namespace Sasl;

/// <summary>A canonical user: what stores are keyed by. A canonicalizer makes it from the name a peer sent.</summary>
/// <remarks>A separate type, so that nothing can be looked up or verified under a name nobody canonicalised.</remarks>
/// <param name="Name">The name without its realm; never empty.</param>
/// <param name="Realm">The realm; empty where the service has none.</param>
public sealed record SaslUser(string Name, string Realm)
{
    /// <summary>Whether both are one user: the same name and the same realm, octet by octet.</summary>
    /// <param name="other">Another user.</param>
    public bool Equals(SaslUser? other) => ReferenceEquals(this, other) || (other is not null && Name == other.Name && Realm == other.Realm);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Realm);

    /// <summary>The form that logs and saslauthd use: <c>name@realm</c>, or the bare name without a realm.</summary>
    public override string ToString() => Realm.Length == 0 ? Name : $"{Name}@{Realm}";
}
