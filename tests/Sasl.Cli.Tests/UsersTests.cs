using Xunit;

namespace Sasl.Cli.Tests;

public sealed class UsersTests : IDisposable
{
    private readonly CliFolder _folder = new();

    [Fact]
    public async Task Users_are_listed_in_the_order_of_the_file_and_without_values()
    {
        await _folder.StoreAsync("bob", "b.example", ("userPassword", "one"));
        await _folder.StoreAsync("alice", "a.example", ("userPassword", "two"), ("authPassword", "three"));

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("alice@a.example: authPassword\nalice@a.example: userPassword\nbob@b.example: userPassword\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task A_realm_chooses_its_users()
    {
        await _folder.StoreAsync("bob", "b.example", ("userPassword", "one"));
        await _folder.StoreAsync("alice", "a.example", ("userPassword", "two"));

        CliResult result = await _folder.RunAsync("", "users", _folder.Database, "--realm", "b.example");

        Assert.Equal(["bob@b.example: userPassword"], result.Lines);
    }

    [Fact]
    public async Task The_configured_file_is_listed()
    {
        await _folder.StoreAsync("bob", "r", ("userPassword", "one"));
        _folder.Configure("saslpasswd", $"sasldb_path: {_folder.Database}\n");
        _folder.Configure("other", $"sasldb_path: {_folder.Path}/elsewhere\n");

        Assert.Equal(["bob@r: userPassword"], (await _folder.RunAsync("", "users")).Lines);
        Assert.Equal(1, (await _folder.RunAsync("", "users", "-a", "other")).ExitCode);
    }

    [Fact]
    public async Task A_name_cannot_write_on_the_terminal()
    {
        await _folder.StoreAsync("evil\u001b[2J\nroot@r: userPassword", "r", ("userPassword", "one"));

        CliResult result = await _folder.RunAsync("", "users", _folder.Database);

        Assert.Equal(["evil\\x1b[2J\\x0aroot@r: userPassword@r: userPassword"], result.Lines);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_failure()
    {
        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("listusers failed", result.Error);
        Assert.Contains(_folder.Database, result.Error);
    }

    [Fact]
    public async Task A_broken_configuration_is_named_with_its_line()
    {
        _folder.Configure("saslpasswd", "this is no option\n");

        CliResult result = await _folder.RunAsync("", "users");

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("saslpasswd.conf(1)", result.Error);
    }

    public void Dispose() => _folder.Dispose();
}
