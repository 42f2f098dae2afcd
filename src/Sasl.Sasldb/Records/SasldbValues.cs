namespace Sasl.Sasldb.Records;

/// <summary>Several values in one record, for the one property that needs it: <c>authPassword</c>, a SCRAM verifier for each hash.</summary>
/// <remarks>
/// A sasldb has one record per property. The values of <c>authPassword</c> are printable (RFC 3112), so a NUL between them is unambiguous.
/// Cyrus SASL, for which a NUL ends a value, sees the first of them; and when it sets a password it replaces the whole record, so that no
/// verifier of an old password stays behind, as one would under a second key.
/// </remarks>
internal static class SasldbValues
{
    /// <summary>The longest record: what Cyrus SASL's code reads.</summary>
    public const int MaxLength = 8192;

    private const string MultiValued = "authPassword";

    /// <summary>Whether a property's record may hold several values.</summary>
    public static bool MayBeSeveral(string property) => property == MultiValued;

    /// <summary>Takes the first value off a record.</summary>
    /// <param name="property">The property's name.</param>
    /// <param name="rest">What is left of the record, before and after.</param>
    /// <returns>The value.</returns>
    public static ReadOnlySpan<byte> TakeFirst(string property, ref ReadOnlySpan<byte> rest)
    {
        int end = MayBeSeveral(property) ? rest.IndexOf((byte)0) : -1;
        ReadOnlySpan<byte> value = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return value;
    }

    /// <summary>Joins a property's values into a record.</summary>
    /// <param name="property">The property's name.</param>
    /// <param name="values">At least one value.</param>
    /// <exception cref="ArgumentException">They do not fit into a record. The message does not contain them.</exception>
    public static byte[] Join(string property, IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        if (values.Count > 1 && !MayBeSeveral(property))
            throw new ArgumentException($"A sasldb keeps one value of {property}.", nameof(values));
        int length = values.Count - 1;
        foreach (ReadOnlyMemory<byte> value in values)
        {
            if (MayBeSeveral(property) && value.Span.Contains((byte)0))
                throw new ArgumentException($"A value of {property} contains NUL.", nameof(values));
            length += value.Length;
        }
        if (length > MaxLength)
            throw new ArgumentException($"The values of {property} are longer than {MaxLength} octets, the most that Cyrus SASL reads.", nameof(values));
        byte[] record = new byte[length];
        int at = 0;
        foreach (ReadOnlyMemory<byte> value in values)
        {
            value.Span.CopyTo(record.AsSpan(at));
            at += value.Length + 1;
        }
        return record;
    }
}
