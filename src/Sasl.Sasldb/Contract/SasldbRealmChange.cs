namespace Sasl.Sasldb;

/// <summary>What <see cref="SasldbStore.ChangeRealmAsync"/> did.</summary>
/// <param name="Users">How many users were moved.</param>
/// <param name="Records">How many records they have.</param>
/// <param name="Conflicts">Those who are in the new realm already. If there is one, nobody was moved.</param>
public sealed record SasldbRealmChange(int Users, int Records, IReadOnlyList<SaslUser> Conflicts)
{
    /// <summary>
    /// How many records were removed instead, because the old realm is part of what they were made of: the secrets of DIGEST-MD5, SRP and
    /// OPAQUE. Where the password itself is stored, these mechanisms go on with it; else the user needs a new password for them.
    /// </summary>
    public int Dropped { get; init; }
}
