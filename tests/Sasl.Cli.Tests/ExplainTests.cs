using Xunit;

namespace Sasl.Cli.Tests;

public sealed class ExplainTests : IDisposable
{
    private readonly CliFolder _folder = new();

    [Fact]
    public async Task A_good_configuration_is_explained_whole()
    {
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\nmech_list: PLAIN SCRAM-SHA-256\n");

        CliResult result = await _folder.RunAsync("", "explain", "--realm", "example.com", "--server-name", "Mail.example.com");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Configuration of smtpd: {_folder.Path}/smtpd.conf", result.Output);
        Assert.Contains("Service: smtp on mail.example.com", result.Output);
        Assert.Contains("Realm: example.com", result.Output);
        Assert.Contains($"sasldb_path: {_folder.Database}   [{_folder.Path}/smtpd.conf(1)]", result.Output);
        string[] lines = [.. result.Lines.Select(static line => line.Trim())];
        int plain = Array.IndexOf(lines, "Mechanisms without TLS:");
        int tls = Array.IndexOf(lines, "Mechanisms under TLS:");
        Assert.Contains(lines[plain..tls], static line => line.StartsWith("PLAIN ", StringComparison.Ordinal) && line.Contains("hidden: noplaintext"));
        Assert.Contains(lines[tls..], static line => line.StartsWith("PLAIN ", StringComparison.Ordinal) && line.Contains("offered"));
        Assert.Contains(lines[tls..], static line => line.StartsWith("LOGIN ", StringComparison.Ordinal) && line.Contains("mech_list"));
    }

    [Fact]
    public async Task Without_a_file_the_places_are_shown_and_the_defaults_are_in_force()
    {
        CliResult result = await _folder.RunAsync("", "explain", "imapd");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("No configuration file for imapd", result.Output);
        Assert.Contains($"{_folder.Path}/imapd.conf", result.Output);
        Assert.Contains("Service: imap on", result.Output);
    }

    [Theory]
    [InlineData("mech_list PLAIN\n", "smtpd.conf(1)")]
    [InlineData("# fine\npwcheck_method: nosuch\n", "smtpd.conf(2)")]
    [InlineData("auxprop_plugin: sasldb, sql\n", "smtpd.conf(1)")]
    [InlineData("mech_list: NOSUCH\n", "smtpd.conf(1)")]
    [InlineData("scram_iteration_counter: many\n", "smtpd.conf(1)")]
    public async Task A_broken_configuration_is_named_with_its_line(string text, string place)
    {
        _folder.Configure("smtpd", text);

        CliResult result = await _folder.RunAsync("", "explain", "smtpd");

        Assert.Equal(78, result.ExitCode);
        Assert.Contains(place, result.Output + result.Error);
    }

    [Fact]
    public async Task A_file_that_cannot_be_parsed_is_shown_among_the_places_that_were_tried()
    {
        _folder.Configure("smtpd", "mech_list PLAIN\n");

        CliResult result = await _folder.RunAsync("", "explain", "smtpd", "--config-dir", $"/nowhere:{_folder.Path}");

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("/nowhere/smtpd.conf: not there", result.Output);
        Assert.Contains($"{_folder.Path}/smtpd.conf: there, and cannot be used", result.Output);
        Assert.Contains($"error: {_folder.Path}/smtpd.conf(1): expected 'key: value'", result.Output);
    }

    [Fact]
    public async Task Another_folder_can_be_named()
    {
        string elsewhere = Path.GetDirectoryName(_folder.Write("elsewhere/smtpd.conf", "mech_list: LOGIN\n"))!;

        CliResult result = await _folder.RunAsync("", "explain", "smtpd", "--config-dir", elsewhere);

        Assert.Contains($"Configuration of smtpd: {elsewhere}/smtpd.conf", result.Output);
    }

    [Fact]
    public async Task A_name_is_followed_to_the_record_it_stands_for()
    {
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\n");
        await _folder.StoreAsync("alice", "example.com", ("userPassword", "one"));

        CliResult result = await _folder.RunAsync("", "explain", "--realm", "example.com", "--user", " alice ");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("stands for user \"alice\", realm \"example.com\"", result.Output);
        Assert.Contains($"sasldb: {_folder.Database}, user \"alice\", realm \"example.com\": has userPassword", result.Output);
        Assert.DoesNotContain("one", result.Lines[^2]);
    }

    [Fact]
    public async Task A_user_who_is_in_another_realm_is_found_there()
    {
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\n");
        await _folder.StoreAsync("alice", "old.example", ("userPassword", "one"));

        CliResult inRealm = await _folder.RunAsync("", "explain", "--user", "alice@example.com");
        CliResult bare = await _folder.RunAsync("", "explain", "--user", "alice", "--server-name", "old.example");

        Assert.Contains("realm \"example.com\": is not there; a user of that name is in realm \"old.example\"", inRealm.Output);
        Assert.Contains("stands for user \"alice\", without a realm", bare.Output);
        Assert.Contains("realm \"old.example\": has userPassword", bare.Output);
    }

    [Fact]
    public async Task A_name_that_nobody_can_have_and_a_file_that_is_missing_are_said()
    {
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\n");

        Assert.Contains("cannot be anyone's", (await _folder.RunAsync("", "explain", "--user", "\u0007")).Output);
        Assert.Contains("cannot be read", (await _folder.RunAsync("", "explain", "--user", "alice")).Output);
    }

    [Theory]
    [InlineData("../smtpd")]
    [InlineData("")]
    public async Task An_application_that_is_no_name_is_a_usage_error(string application)
    {
        Assert.Equal(64, (await _folder.RunAsync("", "explain", application)).ExitCode);
    }

    public void Dispose() => _folder.Dispose();
}
