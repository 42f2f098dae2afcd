namespace Sasl.Mechanisms;

/// <summary>With what SRP hashes, which groups it trusts, and how its layers work.</summary>
public sealed record SrpOptions
{
    /// <summary>The bits of the smallest group that there is; the draft calls it one of 264, which are its 33 octets.</summary>
    public const int SmallestGroup = 257;

    /// <summary>The bits of the largest group, which servers use.</summary>
    public const int LargestGroup = 2048;

    /// <summary>The defaults.</summary>
    public static SrpOptions Default { get; } = new();

    /// <summary>With what a server hashes, and with what new secrets are made. Cyrus SASL's <c>srp_mda</c>.</summary>
    public SrpHash Hash { get; init; } = SrpHash.Sha1;

    /// <summary>The fewest bits that a server's group may have for a client to use it: one of Cyrus SASL's table, at least as large as this.
    /// Cyrus SASL takes all of the table, of which the small ones protect nothing.</summary>
    public int MinGroupBits { get; init; } = 1024;

    /// <summary>The ciphers that may be used where the policy allows a layer of their strength.</summary>
    public SrpCiphers Ciphers { get; init; } = SrpCiphers.Usual;

    /// <summary>How the layers sign.</summary>
    public SrpMacs Macs { get; init; } = SrpMacs.Cyrus;

    /// <summary>The group of a server and of new secrets. Stored secrets do not name theirs, so that it is no option: tests take a small one for their thousands of logins.</summary>
    internal SrpGroup Group { get; init; } = SrpGroup.Largest;

    internal void ThrowIfInvalid()
    {
        if (!Enum.IsDefined(Hash))
            throw new ArgumentOutOfRangeException(nameof(Hash), Hash, "There is no such hash.");
        if (!Enum.IsDefined(Macs))
            throw new ArgumentOutOfRangeException(nameof(Macs), Macs, "There is no such way to sign.");
        ArgumentOutOfRangeException.ThrowIfNotEqual((int)(Ciphers & ~SrpCiphers.All), 0, nameof(Ciphers));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinGroupBits, SmallestGroup, nameof(MinGroupBits));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinGroupBits, LargestGroup, nameof(MinGroupBits));
    }
}
