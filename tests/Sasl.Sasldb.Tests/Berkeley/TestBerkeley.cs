using System.Collections.Immutable;
using System.Text;
using Sasl.Sasldb.Berkeley;
using Sasl.Sasldb.Records;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>A Berkeley DB file of one test, in a folder of its own.</summary>
internal sealed class TestBerkeley : IDisposable
{
    private readonly PrivateDirectory _folder = PrivateDirectory.Create("berkeley");

    /// <summary>A form on a file that is not there yet.</summary>
    public TestBerkeley(Func<SasldbOptions, SasldbOptions>? change = null)
    {
        var options = new SasldbOptions { Path = _folder.At("sasldb2") };
        Options = change is null ? options : change(options);
        Form = new BerkeleyForm(Options);
    }

    /// <summary>Where it is.</summary>
    public SasldbOptions Options { get; }

    /// <summary>The form.</summary>
    public BerkeleyForm Form { get; }

    /// <summary>The file.</summary>
    public string Path => Options.Path;

    /// <summary>Another file in the folder.</summary>
    public string At(string name) => _folder.At(name);

    /// <summary>A key.</summary>
    public static byte[] Key(string user, string property = "userPassword", string realm = TestSasldb.Realm) =>
        Encoding.UTF8.GetBytes($"{user}\0{realm}\0{property}");

    /// <summary>The text of octets.</summary>
    public static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);

    /// <summary>Looks up properties of a user; null where one is not there.</summary>
    public static (bool Exists, byte[]?[] Values) Find(BerkeleyForm form, string user, string realm, params string[] properties)
    {
        ImmutableArray<SaslProperty> wanted = [.. properties.Select(name => new SaslProperty(name))];
        Span<byte> key = stackalloc byte[SasldbKey.MaxLength];
        if (!SasldbKey.TryWriteUser(user, realm, key, out int length))
            throw new ArgumentException("No key can be made of this user.", nameof(user));
        var lookup = new SasldbLookup(wanted, key, length, stackalloc byte[256]);
        try
        {
            form.Read(ref lookup);
            using var set = new PropertySet(properties.Select(name => new SaslProperty(name)).ToArray());
            lookup.Deliver(set);
            return (lookup.UserExists, [.. wanted.Select(property => set.TryGet(property, out ReadOnlySpan<byte> value) ? value.ToArray() : null)]);
        }
        finally
        {
            lookup.Dispose();
        }
    }

    /// <summary>Looks up a password.</summary>
    public string? Password(string user) => Find(Form, user, TestSasldb.Realm, "userPassword").Values[0] is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Whether there is such a user.</summary>
    public bool Knows(string user) => Find(Form, user, TestSasldb.Realm).Exists;

    /// <summary>Stores records in one transaction.</summary>
    public void Put(params (byte[] Key, byte[] Value)[] records) => Form.Write(
        writer =>
        {
            foreach ((byte[] key, byte[] value) in records)
                writer.Put(key, value);
        },
        default);

    /// <summary>Stores a password.</summary>
    public void PutPassword(string user, string password) => Put((Key(user), Encoding.UTF8.GetBytes(password)));

    /// <summary>All keys, as they are listed.</summary>
    public static List<byte[]> List(BerkeleyForm form)
    {
        var keys = new List<byte[]>();
        byte[]? last = null;
        while (form.ReadKeys(last) is { Count: > 0 } some)
        {
            keys.AddRange(some);
            last = some[^1];
        }
        return keys;
    }

    /// <summary>Many users with every kind of name and value, as a random number generator gives them.</summary>
    public static Dictionary<(string User, string Realm, string Property), byte[]> MakeRecords(Random random, int users)
    {
        string[] syllables = ["a", "Z", ".", "..", "-", "_", "+", "@", " ", "%", "\\", "'", "\"", "\u00e4", "\u0416", "\u4e2d", "\U0001F511", "\u0301", "0", "user"];
        string[] realms = ["example.com", "", "localhost", "b\u00fccher.example", "EXAMPLE.com", "a.very.long.realm.name.of.some.department.example.org"];
        string[] properties = ["userPassword", "authPassword", "cmusaslsecretOTP", "cmusaslsecretPLAIN", "mail", "x"];
        var records = new Dictionary<(string, string, string), byte[]>();
        for (int user = 0; user < users; user++)
        {
            int length = random.Next(50) == 0 ? random.Next(30, 90) : random.Next(1, 9);
            string name = string.Concat(Enumerable.Range(0, length).Select(_ => syllables[random.Next(syllables.Length)])) + user;
            string realm = realms[random.Next(realms.Length)];
            foreach (string property in properties)
            {
                if (property != "userPassword" && random.Next(3) != 0)
                    continue;
                byte[] value = new byte[random.Next(40) switch { 0 => 4096, 1 => random.Next(8193), 2 => 0, _ => random.Next(60) }];
                random.NextBytes(value);
                records[(name, realm, property)] = value;
            }
        }
        return records;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Form.Dispose();
        _folder.Dispose();
    }
}
