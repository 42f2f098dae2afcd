using System.Security.Cryptography;

namespace Sasl.Sasldb.Records;

/// <summary>What is to become of one user's records, checked before anything is locked.</summary>
internal sealed class SasldbChange
{
    private readonly List<(byte[] Key, byte[]? Record)> _records = [];

    /// <summary>Works it out.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="realm">The realm, the user's own or the default.</param>
    /// <param name="values">What to store and what to remove. A property both removed and stored is stored.</param>
    /// <exception cref="ArgumentException">A name or a value cannot be stored, or a property has two values.</exception>
    public static SasldbChange Of(SaslUser user, string realm, IReadOnlyList<SaslPropertyValue> values)
    {
        var change = new SasldbChange();
        foreach (IGrouping<string, SaslPropertyValue> property in values.GroupBy(value => value.Name))
        {
            SasldbValue.RequireStorable(property.Key);
            ReadOnlyMemory<byte>[] stored = [.. property.Where(value => value.Value is not null).Select(value => value.Value!.Value)];
            if (stored.Length > 1)
                throw new ArgumentException($"A sasldb keeps one value of {property.Key}.", nameof(values));
            byte[] key = SasldbKey.Make(user, realm, property.Key);
            change._records.Add((key, stored is [var value] ? SasldbValue.Of(property.Key, value) : null));
        }
        return change;
    }

    /// <summary>Does it.</summary>
    public void Apply(ISasldbWriter writer)
    {
        foreach ((byte[] key, byte[]? record) in _records)
        {
            if (record is null)
                writer.Remove(key);
            else
                writer.Put(key, record);
        }
    }

    /// <summary>Erases the values.</summary>
    public void Erase()
    {
        foreach ((_, byte[]? record) in _records)
            CryptographicOperations.ZeroMemory(record);
    }
}
