namespace Sasl.Sasldb.Lmdb;

/// <summary>An entry of a page, in place and already checked to lie within it.</summary>
internal readonly ref struct LmdbEntry
{
    /// <summary>Its key; empty for the first entry of a branch.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>In a branch: the child's page.</summary>
    public ulong Child { get; init; }

    /// <summary>In a leaf: whether the value is on overflow pages.</summary>
    public bool IsLong { get; init; }

    /// <summary>In a leaf: how long the value is.</summary>
    public uint Length { get; init; }

    /// <summary>In a leaf: the value, or, when long, the number of its first page.</summary>
    public ReadOnlySpan<byte> Data { get; init; }
}
