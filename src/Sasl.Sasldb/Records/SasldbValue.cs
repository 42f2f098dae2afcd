namespace Sasl.Sasldb.Records;

/// <summary>The value of a record, which is that of a property: octets, without an end mark.</summary>
internal static class SasldbValue
{
    /// <summary>The longest value: what Cyrus SASL's code reads.</summary>
    public const int MaxLength = 8192;

    /// <summary>Refuses a property that no store has.</summary>
    /// <param name="property">The property's name.</param>
    /// <exception cref="ArgumentException">Its name begins with an asterisk, with which Cyrus SASL asks for the authenticated user's.</exception>
    public static void RequireStorable(string property)
    {
        if (property.StartsWith('*'))
            throw new ArgumentException("A property's name in a store does not begin with an asterisk.", nameof(property));
    }

    /// <summary>Copies a value.</summary>
    /// <param name="property">The property's name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The record; the caller erases it.</returns>
    /// <exception cref="ArgumentException">It is too long. The message does not contain it.</exception>
    public static byte[] Of(string property, ReadOnlyMemory<byte> value) => value.Length <= MaxLength
        ? value.ToArray()
        : throw new ArgumentException($"The value of {property} is longer than {MaxLength} octets, the most that Cyrus SASL reads.", nameof(value));
}
