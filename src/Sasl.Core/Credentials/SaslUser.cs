namespace Sasl;

/// <summary>A canonical user: what stores are keyed by. A canonicalizer makes it from the name a peer sent.</summary>
/// <remarks>A separate type, so that nothing can be looked up or verified under a name nobody canonicalised.</remarks>
/// <param name="Name">The name without its realm; never empty.</param>
/// <param name="Realm">The realm; empty where the service has none.</param>
public sealed record SaslUser(string Name, string Realm)
{
    /// <summary>The form that logs and saslauthd use: <c>name@realm</c>, or the bare name without a realm.</summary>
    public override string ToString() => Realm.Length == 0 ? Name : $"{Name}@{Realm}";
}
