using System.Text;
using Sasl.Sasldb;
using Sasl.Testing.Peers;

namespace Sasl.Cli.Tests;

/// <summary>A folder with configuration files and a sasldb; runs commands that see no other.</summary>
internal sealed class CliFolder : IDisposable
{
    public const string Password = "correct horse";

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("cli");

    public string Path => _directory.FullPath;

    public string Database => _directory.At("sasldb2");

    public void Configure(string application, string text) => _directory.Write($"{application}.conf", text);

    public string Write(string name, string text) => _directory.Write(name, text);

    /// <summary>Runs a command whose standard input is a pipe, without any terminal.</summary>
    public Task<CliResult> RunAsync(string input, params string[] arguments) => RunAsync(Encoding.UTF8.GetBytes(input), null, arguments);

    public Task<CliResult> RunAsync(byte[] input, params string[] arguments) => RunAsync(input, null, arguments);

    /// <summary>Runs a command for somebody at a terminal.</summary>
    public Task<CliResult> RunAsync(TypingUser user, params string[] arguments) => RunAsync([], user, arguments);

    public async Task<SaslUser[]> UsersAsync()
    {
        using var store = new SasldbStore(Database);
        HashSet<SaslUser> users = [];
        await foreach ((SaslUser user, _) in store.ListAsync(null, CancellationToken.None))
            users.Add(user);
        return [.. users];
    }

    /// <summary>What the sasldb keeps of a user.</summary>
    public async Task<Dictionary<string, string>> StoredAsync(string name, string realm)
    {
        using var store = new SasldbStore(Database);
        List<SaslProperty> wanted = [];
        await foreach ((SaslUser user, string property) in store.ListAsync(realm, CancellationToken.None))
        {
            if (user.Name == name)
                wanted.Add(new SaslProperty(property));
        }
        using var properties = new PropertySet(wanted.ToArray());
        await store.LookupAsync(new SaslUser(name, realm), properties, CancellationToken.None);
        return Enumerable.Range(0, properties.Count).ToDictionary(properties.NameAt, index => Encoding.UTF8.GetString(properties.ValueAt(index)));
    }

    public async Task StoreAsync(string name, string realm, params (string Property, string Value)[] values)
    {
        using var store = new SasldbStore(Database);
        await store.StoreAsync(
            new SaslUser(name, realm), [.. values.Select(static pair => new SaslPropertyValue(pair.Property, Encoding.UTF8.GetBytes(pair.Value)))], CancellationToken.None);
    }

    public CliConsole Console(Stream input, TextWriter output, TextWriter error, TypingUser? user) =>
        new(input, output, error, user is not null, () => user) { Finder = new SaslConfigurationFinder { Directories = [Path] } };

    public void Dispose() => _directory.Dispose();

    private async Task<CliResult> RunAsync(byte[] input, TypingUser? user, string[] arguments)
    {
        using var stream = new MemoryStream(input);
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await new SaslCommandLine(Console(stream, output, error, user)).RunAsync(arguments);
        return new CliResult(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }
}
