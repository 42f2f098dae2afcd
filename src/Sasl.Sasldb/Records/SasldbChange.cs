using System.Security.Cryptography;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Records;

/// <summary>What is to become of one user's records, checked before anything is locked.</summary>
internal sealed class SasldbChange
{
    private readonly List<(byte[] Key, byte[]? Record)> _records = [];

    /// <summary>Works it out.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="realm">The realm, the user's own or the default.</param>
    /// <param name="values">What to store and what to remove. A property both removed and stored is stored.</param>
    /// <exception cref="ArgumentException">A name or a value cannot be stored.</exception>
    public static SasldbChange Of(SaslUser user, string realm, IReadOnlyList<SaslPropertyValue> values)
    {
        var change = new SasldbChange();
        foreach (IGrouping<string, SaslPropertyValue> property in values.GroupBy(value => value.Name))
        {
            List<ReadOnlyMemory<byte>> stored = [.. property.Where(value => value.Value is not null).Select(value => value.Value!.Value)];
            if (property.Key.StartsWith('*'))
                throw new ArgumentException("A property's name in a store does not begin with an asterisk.", nameof(values));
            change._records.Add((
                SasldbKey.Make(user, realm, property.Key),
                stored.Count == 0 ? null : SasldbValues.Join(property.Key, stored)));
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
