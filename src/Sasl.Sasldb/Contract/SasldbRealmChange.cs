namespace Sasl.Sasldb;

/// <summary>What <see cref="SasldbStore.ChangeRealmAsync"/> did.</summary>
/// <param name="Users">How many users were moved.</param>
/// <param name="Records">How many records they have.</param>
/// <param name="Conflicts">Those who are in the new realm already. If there is one, nobody was moved.</param>
public sealed record SasldbRealmChange(int Users, int Records, IReadOnlyList<SaslUser> Conflicts);
