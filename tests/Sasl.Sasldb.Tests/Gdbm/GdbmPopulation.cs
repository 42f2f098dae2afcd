using System.Text;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>Users as nobody would invent them.</summary>
internal static class GdbmPopulation
{
    private static readonly string[] s_syllables =
        ["a", "Z", ".", "..", "-", "_", "+", "@", " ", "%", "\\", "'", "\"", "\u00e4", "\u00df", "\u0416", "\u4e2d", "\U0001F511", "\u0301", "\u200f", "0", "user"];

    private static readonly string[] s_realms =
        ["example.com", "", "b\u00fccher.example", "EXAMPLE.com", "a.very.long.realm.name.of.some.department.example.org"];

    private static readonly string[] s_properties =
        ["userPassword", "cmusaslsecretOTP", "cmusaslsecretSRP", "cmusaslsecretOPAQUE", "authPassword", "cmusaslsecretCRAM-MD5", "\u00dcber"];

    /// <summary>Keys and values of so many users, each with one property to all of them.</summary>
    public static Dictionary<string, byte[]> Make(Random random, int users)
    {
        var records = new Dictionary<string, byte[]>();
        for (int user = 0; user < users; user++)
        {
            int length = random.Next(50) == 0 ? random.Next(30, 60) : random.Next(1, 9);
            string name = string.Concat(Enumerable.Range(0, length).Select(_ => s_syllables[random.Next(s_syllables.Length)])) + user;
            string realm = s_realms[random.Next(s_realms.Length)];
            for (int properties = random.Next(1, 3); properties > 0; properties--)
                records[$"{name}\0{realm}\0{s_properties[random.Next(s_properties.Length)]}"] = Value(random);
        }
        return records;
    }

    /// <summary>A value: usually short, sometimes empty, sometimes up to 4 KiB.</summary>
    public static byte[] Value(Random random)
    {
        byte[] value = new byte[random.Next(20) == 0 ? random.Next(4097) : random.Next(40)];
        random.NextBytes(value);
        return value;
    }

    /// <summary>As <see cref="Libgdbm.DumpAsync"/> has them.</summary>
    public static SortedDictionary<string, string> Hex(Dictionary<string, byte[]> records) => new(
        records.ToDictionary(record => Convert.ToHexString(Encoding.UTF8.GetBytes(record.Key)), record => Convert.ToHexString(record.Value)),
        StringComparer.Ordinal);
}
