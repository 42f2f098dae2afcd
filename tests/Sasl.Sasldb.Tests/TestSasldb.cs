using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests;

/// <summary>A sasldb of one test, in a folder of its own.</summary>
public sealed class TestSasldb : IDisposable
{
    /// <summary>The realm of all users who need none in particular.</summary>
    public const string Realm = "example.com";

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("sasldb");

    /// <summary>A store on a file that is not there yet.</summary>
    public TestSasldb(Func<SasldbOptions, SasldbOptions>? change = null)
    {
        var options = new SasldbOptions { Path = _folder.At("sasldb2") };
        Store = new SasldbStore(change is null ? options : change(options));
    }

    /// <summary>The store.</summary>
    public SasldbStore Store { get; }

    /// <summary>The file.</summary>
    public string Path => Store.Path;

    /// <summary>The lock file.</summary>
    public string LockPath => Path + "-lock";

    /// <summary>What a writer that replaces the file, or makes the first one, calls it until it is whole.</summary>
    public string DraftPath => At(".sasldb2.unfinished");

    /// <summary>Another file in the folder.</summary>
    public string At(string name) => _folder.At(name);

    /// <summary>A user of the usual realm.</summary>
    public static SaslUser User(string name) => new(name, Realm);

    /// <summary>Stores one text property.</summary>
    public Task PutAsync(string user, string property, string value) => PutAsync(Store, user, property, value);

    /// <summary>Stores one text property.</summary>
    public static Task PutAsync(SasldbStore store, string user, string property, string value) =>
        store.StoreAsync(User(user), [new SaslPropertyValue(property, Encoding.UTF8.GetBytes(value))], CancellationToken.None).AsTask();

    /// <summary>Stores user0 and so on, in one transaction, with the passwords that <see cref="Filling"/> gives.</summary>
    public Task FillAsync(int users) => Store.StoreAllAsync(
        Enumerable.Range(0, users).Select(user => (
            User($"user{user}"),
            (IReadOnlyList<SaslPropertyValue>)[new SaslPropertyValue("userPassword", Encoding.UTF8.GetBytes(Filling(user)))])),
        CancellationToken.None).AsTask();

    /// <summary>A user's password: from 1,000 octets on, so that a hundred are more than a pipe holds.</summary>
    public static string Filling(int user) => new((char)('a' + (user % 26)), 1000 + user);

    /// <summary>Looks one text property up.</summary>
    public Task<string?> GetAsync(string user, string property) => GetAsync(Store, User(user), property);

    /// <summary>Looks one text property up.</summary>
    public static async Task<string?> GetAsync(SasldbStore store, SaslUser user, string property)
    {
        var wanted = new SaslProperty(property);
        using var set = new PropertySet(wanted);
        await store.LookupAsync(user, set, CancellationToken.None);
        return set.TryGet(wanted, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;
    }

    /// <summary>Whether the store knows a user.</summary>
    public async Task<bool> KnowsAsync(string user)
    {
        using var nothing = new PropertySet();
        return await Store.LookupAsync(User(user), nothing, CancellationToken.None);
    }

    /// <summary>Everything listed, one line each as sasldblistusers2 prints it.</summary>
    public async Task<List<string>> ListAsync(string? realm = null)
    {
        var lines = new List<string>();
        await foreach ((SaslUser user, string property) in Store.ListAsync(realm, CancellationToken.None))
            lines.Add($"{user}: {property}");
        return lines;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }
}
