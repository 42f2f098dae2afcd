using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>What a server tells about itself.</summary>
public sealed class ExplanationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sasl-explanation-");

    private string Conf => Path.Combine(_folder.FullName, "smtpd.conf");

    [Fact]
    public void The_text_has_files_service_realm_options_back_ends_mechanisms_and_warnings()
    {
        File.WriteAllText(Conf, "pwcheck_method: auxprop\nmech_list: PLAIN SCRAM-SHA-256\nsql_user: mail\nnonsense: 1\n");
        Assert.Equal(
            $"""
            Configuration of smtpd: {Conf}
            Directories named by the application:
              {Conf}: used
            warning: {Conf}(4): nonsense: is not a known key and has no effect
            Service: smtp on mail.example.com
            Realm: example.com, appended to names without one
            Options in force:
              pwcheck_method: auxprop   [{Conf}(1)]
              mech_list: PLAIN SCRAM-SHA-256   [{Conf}(2)]
              canon_user_plugin: INTERNAL   [default]
              auto_transition: no   [default]
              log_level: 2   [default]
              scram_iteration_counter: 4096   [default]
              scram_secret_generate: yes   [default]
              otp_mda: md5   [default]
              srp_mda: SHA-1   [default]
              reauth_timeout: 0   [default]
              ntlm_v2: yes   [default]
            Passwords are checked by: auxprop
            Credentials are kept in: memory
            """,
            Head(Here().Explain("smtp", "smtpd").ToString(), lines: 20));
        Assert.EndsWith(
            $"\nwarning: {Conf}(3): sql_user: has no effect: there is no credential store sql here; it is in package Sasl.Sql",
            Here().Explain("smtp", "smtpd").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mechanism_is_explained_without_TLS_and_under_it()
    {
        SaslExplanation explanation = Here().Explain("smtp", "smtpd");
        Assert.Equal(["without TLS", "under TLS"], explanation.Reports.Select(static report => report.Channel));
        Assert.All(explanation.Reports, report => Assert.Equal(Here().Mechanisms.Length, report.Entries.Length));
        Assert.Contains("PLAIN", explanation.Reports[1].Offered);
        Assert.Contains("noplaintext is required", explanation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_are_not_shown()
    {
        SaslServerBuilder builder = Here();
        builder.Stores["sql"] = static _ => new MemoryCredentialStore();
        File.WriteAllText(Conf, "sql_passwd: hunter2\nsql_pasword: hunter2\nsql_user: mail\n");
        SaslExplanation explanation = builder.Explain("smtp", "smtpd");
        Assert.DoesNotContain("hunter2", explanation.ToString(), StringComparison.Ordinal);
        Assert.Contains($"  sql_passwd: (not shown)   [{Conf}(1)]", explanation.ToString(), StringComparison.Ordinal);
        Assert.Contains("  sql_user: mail", explanation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_configuration_is_explained_as_far_as_it_goes_and_ends_with_the_error()
    {
        File.WriteAllText(Conf, "mech_list: PLAIN\npwcheck_method: nobody\n");
        SaslExplanation explanation = Here().Explain("smtp", "smtpd");
        Assert.EndsWith(
            $"error: {Conf}(2): pwcheck_method: there is no password verifier 'nobody'; accepted are auxprop, saslauthd, pwcheck, authdaemond",
            explanation.ToString(), StringComparison.Ordinal);
        Assert.Contains("mech_list: PLAIN", explanation.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, explanation.Error?.Place?.Line);
    }

    [Fact]
    public void A_file_that_does_not_parse_is_explained_by_the_places_looked_at_and_the_error()
    {
        File.WriteAllText(Conf, "mech_list = PLAIN\n");
        SaslServerBuilder builder = Here();
        string later = Directory.CreateDirectory(Path.Combine(_folder.FullName, "later")).FullName;
        File.WriteAllText(Path.Combine(later, "smtpd.conf"), "mech_list: PLAIN\n");
        builder.Finder = builder.Finder with { Directories = ["/nowhere", _folder.FullName, later] };
        SaslExplanation explanation = builder.Explain("smtp", "smtpd");
        Assert.Equal(
            $"""
            The configuration of smtpd cannot be used.
            Directories named by the application:
              /nowhere/smtpd.conf: not there
              {Conf}: there, and cannot be used
              {later}/smtpd.conf: there, but not read; an earlier file counts alone
            warning: {later}/smtpd.conf: is not read, because {Conf} comes first
            Service: smtp on mail.example.com
            Realm: example.com, appended to names without one
            error: {explanation.Error?.Message}
            """,
            explanation.ToString());
        Assert.StartsWith($"{Conf}(1): expected 'key: value'", explanation.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_explained_by_the_places_looked_at_and_the_error()
    {
        Directory.CreateDirectory(Conf);
        SaslExplanation explanation = Here().Explain("smtp", "smtpd");
        Assert.Equal([new SaslConfigurationPlace(Conf, SaslConfigurationPlaceState.Unusable)], explanation.Search!.Places.AsEnumerable());
        Assert.EndsWith($"error: {Conf}: is a directory; a file is expected", explanation.ToString(), StringComparison.Ordinal);
        Assert.Throws<SaslConfigurationException>(() => Here().Build("smtp", "smtpd"));
    }

    [Fact]
    public void An_error_because_nothing_is_offered_tells_where_was_looked()
    {
        SaslServerBuilder builder = Here();
        builder.Stores.Clear();
        string message = Assert.Throws<SaslConfigurationException>(() => builder.Build("smtp", "smtpd")).Message;
        Assert.Contains("No mechanism can be offered to a client without a certificate", message, StringComparison.Ordinal);
        Assert.Matches("PLAIN +hidden: no password verifier is configured", message);
        Assert.Contains($"No configuration file for smtpd; every option has its default.\nDirectories named by the application:\n  {Conf}: not there", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explaining_leaves_the_stores_of_a_running_server_open_and_writes_no_log()
    {
        using var users = new MemoryCredentialStore();
        users.Add(new SaslUser("alice", "example.com"), "userPassword", "pencil"u8);
        using var verifier = new FixedVerifier(PasswordOutcome.Mismatch);
        List<string> log = [];
        SaslServerBuilder builder = Here();
        builder.Stores["memory"] = _ => users;
        builder.Verifiers["mine"] = _ => verifier;
        File.WriteAllText(Conf, "pwcheck_method: auxprop mine\nnonsense: 1\n");
        using SaslServerSetup setup = builder.Build("smtp", "smtpd");
        builder.Log = (_, line) => log.Add(line);

        Assert.Null(builder.Explain("smtp", "smtpd").Error);
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        File.WriteAllText(Conf, "pwcheck_method: auxprop mine nobody\n");
        Assert.NotNull(builder.Explain("smtp", "smtpd").Error);
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.False(verifier.IsDisposed);
        Assert.Empty(log);
    }

    [Fact]
    public void Without_a_realm_the_text_says_under_which_one_sasldb_looks()
    {
        SaslServerBuilder builder = Here();
        builder.Realm = "";
        Assert.Contains(
            "Realm: none; a name without one stays so, and sasldb looks it up under mail.example.com as Cyrus SASL does",
            builder.Explain("smtp", "smtpd").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtpd", "service: smtpd is a program's name; the registered name of its service is smtp")]
    [InlineData("imapd", "service: imapd is a program's name; the registered name of its service is imap")]
    public void A_program_named_instead_of_its_service_is_warned_of(string service, string warning) =>
        Assert.Contains(warning, Here().Explain(service, "smtpd").Warnings.Select(static one => one.ToString()));

    [Theory]
    [InlineData("Mail", "server name: mail is not fully qualified; name the server (myhostname), or give this host a canonical name with a dot")]
    [InlineData("mail.example.com", null)]
    [InlineData("localhost", null)]
    public void A_server_name_without_a_dot_is_warned_of(string name, string? warning)
    {
        SaslServerBuilder builder = Here();
        builder.ServerName = name;
        Assert.Equal(warning, builder.Explain("smtp", "smtpd").Warnings.SingleOrDefault()?.ToString());
    }

    [Fact]
    public void A_server_without_a_name_has_the_hosts() => Assert.Same(SaslServerOptions.DefaultServerName, new SaslServerBuilder().ServerName);

    [Theory]
    [InlineData("saslauthd_path: /run/mux", "has no effect: the password verifier saslauthd is not in use (pwcheck_method)")]
    [InlineData("ad_compat: yes", "has no effect: there is no mechanism GSSAPI here")]
    [InlineData("ldapdb_canon_attr: uid", "has no effect: there is no canonicalizer ldapdb here; it is in package Sasl.Ldap")]
    [InlineData("log_level: 5", "has no effect: the application writes no log by levels")]
    [InlineData("plugin_list: /etc/plugins", "has no effect here: mechanisms are referenced by the program, none is loaded from a file")]
    public void A_key_that_nobody_here_reads_is_warned_of(string line, string warning)
    {
        File.WriteAllText(Conf, line);
        string key = line[..line.IndexOf(':', StringComparison.Ordinal)];
        Assert.Equal([$"{Conf}(1): {key}: {warning}"], Here().Explain("smtp", "smtpd").Warnings.Select(static one => one.ToString()));
    }

    [Fact]
    public void A_key_of_a_store_that_is_not_chosen_is_warned_of()
    {
        SaslServerBuilder builder = Here();
        builder.Stores["sql"] = static _ => new MemoryCredentialStore();
        File.WriteAllText(Conf, "sql_user: mail\nauxprop_plugin: memory\n");
        Assert.Equal(
            [$"{Conf}(1): sql_user: has no effect: the credential store sql is not in use (auxprop_plugin)"],
            builder.Explain("smtp", "smtpd").Warnings.Select(static one => one.ToString()));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Head(string text, int lines) => string.Join('\n', text.Split('\n').Take(lines));

    private SaslServerBuilder Here()
    {
        SaslServerBuilder builder = Memory();
        builder.Finder = new SaslConfigurationFinder { Directories = [_folder.FullName], SystemDirectories = [] };
        return builder;
    }
}
