namespace Sasl.Saslauthd;

/// <summary>What a search found: how many entries, and the only one's DN and values.</summary>
/// <param name="Count">How many; where the size limit was exceeded, more than one.</param>
/// <param name="Dn">The only entry's DN; empty where there is not exactly one.</param>
/// <param name="Values">The values of the attribute that was asked for; whoever reads them erases them.</param>
internal sealed record LdapEntry(int Count, string Dn, IReadOnlyList<byte[]> Values)
{
    /// <summary>Nothing was found.</summary>
    public static LdapEntry None { get; } = new(0, "", []);
}
