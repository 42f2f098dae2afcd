using Sasl.Sasldb;
using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>The options of sasldb, which every builder knows.</summary>
public sealed class SasldbOptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sasl-sasldb-options-");

    private string Users => Path.Combine(_folder.FullName, "users");

    [Fact]
    public async Task Without_any_other_key_users_log_in_from_the_file_that_sasldb_path_names()
    {
        await AddAsync("alice", "example.com", "pencil");
        using SaslServerSetup setup = Builder("example.com").Build("smtp", Conf($"sasldb_path: {Users}"));
        Assert.Equal(["sasldb"], setup.Explanation.Stores.AsEnumerable());
        Assert.Empty(setup.Explanation.Warnings);
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await setup.LogInAsync("alice", "pen")).Error);
    }

    [Fact]
    public async Task Without_a_realm_names_are_looked_up_under_the_servers_name_as_in_Cyrus()
    {
        await AddAsync("alice", "mail.example.com", "pencil");
        using SaslServerSetup setup = Builder(realm: "").Build("smtp", Conf($"sasldb_path: {Users}"));
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.True((await setup.LogInAsync("alice@mail.example.com", "pencil")).IsSuccess);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_warning_and_logins_are_temporary_failures()
    {
        using SaslServerSetup setup = Builder("example.com").Build("smtp", Conf($"\nsasldb_path: {Users}"));
        Assert.StartsWith($"smtpd.conf(2): sasldb_path: {Users}: there is no such file", setup.Explanation.Warnings.Single().ToString(), StringComparison.Ordinal);
        Assert.Equal(SaslError.TemporaryFailure, (await setup.LogInAsync("alice", "pencil")).Error);
    }

    [Fact]
    public async Task A_file_that_appears_later_is_used_without_a_restart()
    {
        using SaslServerSetup setup = Builder("example.com").Build("smtp", Conf($"sasldb_path: {Users}"));
        await AddAsync("alice", "example.com", "pencil");
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
    }

    [Fact]
    public async Task Sasldb_mapsize_counts_units_of_1024_octets_as_the_code_of_Cyrus_does()
    {
        using SaslServerSetup setup = Builder("example.com").Build("smtp", Conf($"sasldb_path: {Users}\nsasldb_mapsize: 2048"));
        var store = (SasldbStore)setup.Stores.Single().Store;
        await store.StoreAsync(new SaslUser("alice", "example.com"), [new SaslPropertyValue("userPassword", "pencil"u8.ToArray())], CancellationToken.None);
        Assert.Equal(2048 * 1024, MapSizeIn(Users));
    }

    [Theory]
    [InlineData("sasldb_mapsize: 63", "sasldb_mapsize: '63' is not accepted; accepted are whole numbers from 64 to 1073741824")]
    [InlineData("sasldb_maxreaders: 0", "sasldb_maxreaders: '0' is not accepted; accepted are whole numbers from 1 to 100000")]
    [InlineData("sasldb_type: ndbm", "sasldb_type: 'ndbm' is not accepted; accepted are lmdb, berkeley, gdbm, bdb, db")]
    [InlineData("sasldb_maxreaders: some", "sasldb_maxreaders: 'some' is not accepted; accepted are whole numbers from 1 to 100000")]
    public void Values_out_of_bounds_are_refused(string line, string problem) => Assert.Equal(
        $"smtpd.conf(1): {problem}",
        Assert.Throws<SaslConfigurationException>(() => Builder("example.com").Build("smtp", Conf(line))).Message);

    [Fact]
    public async Task Transitions_fill_the_file()
    {
        SaslServerBuilder builder = Builder("example.com");
        builder.Verifiers["daemon"] = static _ => new FixedVerifier(PasswordOutcome.Match);
        List<string> log = [];
        builder.Log = (_, line) => log.Add(line);
        using (SaslServerSetup setup = builder.Build("smtp", Conf($"pwcheck_method: daemon\nauto_transition: noplain\nsasldb_path: {Users}")))
            Assert.True((await setup.LogInAsync("bob", "brush")).IsSuccess);
        Assert.DoesNotContain(log, static line => line.Contains("could not", StringComparison.Ordinal));
        using SaslServerSetup afterwards = Builder("example.com").Build("smtp", Conf($"sasldb_path: {Users}"));
        Assert.True((await afterwards.LogInAsync("bob", "brush")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await afterwards.LogInAsync("bob", "broom")).Error);
    }

    [Fact]
    public async Task Why_the_file_cannot_be_used_is_in_the_log()
    {
        List<string> log = [];
        SaslServerBuilder builder = Builder("example.com");
        builder.Log = (_, line) => log.Add(line);
        using SaslServerSetup setup = builder.Build("smtp", Conf($"sasldb_path: {Users}"));
        await setup.LogInAsync("alice", "pencil");
        Assert.Contains(log, line => line.StartsWith(
            $"PLAIN: a back end could not answer (the password verifier 'auxprop' could not answer: {Users}: there is no such file", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static SaslServerBuilder Builder(string realm) => new() { ServerName = "mail.example.com", Realm = realm };

    // The newer of the two meta pages says it: 16 octets of header, then magic, version, address, and the size in 8 octets.
    private static long MapSizeIn(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        return Math.Max(BitConverter.ToInt64(file, 16 + 16), BitConverter.ToInt64(file, Environment.SystemPageSize + 16 + 16));
    }

    private async Task AddAsync(string name, string realm, string password)
    {
        using var store = new SasldbStore(Users);
        await store.StoreAsync(new SaslUser(name, realm), [new SaslPropertyValue("userPassword", System.Text.Encoding.UTF8.GetBytes(password))], CancellationToken.None);
    }
}
