using Sasl.Mechanisms;
using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>What the keys of <c>smtpd.conf</c> make of a server.</summary>
public sealed class ServerBuilderTests
{
    [Fact]
    public async Task Without_a_configuration_passwords_are_checked_against_the_stores()
    {
        using SaslServerSetup setup = Memory().Build("smtp", SaslConfiguration.Empty);
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await setup.LogInAsync("alice", "pen")).Error);
    }

    [Fact]
    public void Without_mech_list_safe_mechanisms_are_offered_and_plain_text_only_under_TLS()
    {
        using SaslServerSetup setup = Memory().Build("smtp", SaslConfiguration.Empty);
        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-384", "SCRAM-SHA-256", "SCRAM-SHA-224", "SCRAM-SHA-1"], setup.Offer(SaslChannel.Plaintext));
        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-384", "SCRAM-SHA-256", "SCRAM-SHA-224", "SCRAM-SHA-1", "PLAIN", "LOGIN"], setup.Offer(Tls));
    }

    [Fact]
    public void Mech_list_decides_which_mechanisms_are_offered_and_in_which_order()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("mech_list: login\tCRAM-MD5 PLAIN"));
        Assert.Equal(["LOGIN", "CRAM-MD5", "PLAIN"], setup.Offer(Tls));
        Assert.Equal(["CRAM-MD5"], setup.Offer(SaslChannel.Plaintext));
    }

    [Fact]
    public void A_mechanism_named_twice_is_offered_once()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("mech_list: PLAIN LOGIN plain"));
        Assert.Equal(["PLAIN", "LOGIN"], setup.Offer(Tls));
    }

    [Fact]
    public void A_mechanism_that_does_not_exist_is_left_out_with_a_warning()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("\nmech_list: KERBEROS_V4 PLAIN"));
        Assert.Equal(["PLAIN"], setup.Offer(Tls));
        Assert.Equal(["smtpd.conf(2): mech_list: KERBEROS_V4 is left out: there is no such mechanism here"], Warnings(setup));
    }

    [Theory]
    [InlineData("PLAIN, LOGIN", "a comma does not separate words")]
    [InlineData("\"PLAIN LOGIN\"", "'\"PLAIN' cannot be a mechanism's name; accepted are SRP, PASSDSS-3DES-1, SCRAM-SHA-512-PLUS, SCRAM-SHA-512, ")]
    [InlineData("PLAIN;LOGIN", "'PLAIN;LOGIN' cannot be a mechanism's name")]
    public void A_list_that_is_written_wrongly_is_refused_with_file_and_line(string list, string problem)
    {
        string message = Refusal(Memory(), $"mech_list: {list}");
        Assert.StartsWith("smtpd.conf(1): mech_list: ", message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_leaves_nothing_is_an_error_with_the_whole_report()
    {
        string message = Refusal(Memory(), "# comment\nmech_list: GSSAPI");
        Assert.StartsWith("smtpd.conf(2): mech_list: No mechanism can be offered on any connection.", message, StringComparison.Ordinal);
        Assert.Contains("Mechanisms without TLS:", message, StringComparison.Ordinal);
        Assert.Contains("Mechanisms under TLS:", message, StringComparison.Ordinal);
        Assert.Matches("PLAIN +hidden: mech_list does not name it", message);
    }

    [Fact]
    public void Nothing_but_EXTERNAL_is_an_error_unless_somebody_names_it()
    {
        SaslServerBuilder builder = Memory();
        builder.Stores.Clear();
        Assert.Contains("No mechanism can be offered to a client without a certificate", Refusal(builder, "log_level: 1"), StringComparison.Ordinal);
        builder.Build("smtp", Conf("mech_list: EXTERNAL")).Dispose();
        builder.Policy = SaslPolicy.Default with { Allow = ["EXTERNAL"] };
        builder.Build("smtp", SaslConfiguration.Empty).Dispose();
    }

    [Fact]
    public async Task Pwcheck_method_asks_in_order_and_any_yes_wins()
    {
        using var no = new FixedVerifier(PasswordOutcome.Mismatch);
        using var yes = new FixedVerifier(PasswordOutcome.Match);
        SaslServerBuilder builder = Memory();
        builder.Verifiers["first"] = _ => no;
        builder.Verifiers["second"] = _ => yes;
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: First SECOND auxprop"));
        Assert.True((await setup.LogInAsync("bob", "anything")).IsSuccess);
        Assert.Equal((1, 1), (no.Asked, yes.Asked));
        Assert.Equal(["First", "SECOND", "auxprop"], setup.Explanation.Verifiers.AsEnumerable());
    }

    [Fact]
    public async Task A_no_of_one_method_is_not_the_last_word()
    {
        using var no = new FixedVerifier(PasswordOutcome.Mismatch);
        SaslServerBuilder builder = Memory();
        builder.Verifiers["other"] = _ => no;
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: other auxprop"));
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
    }

    [Fact]
    public async Task A_method_that_cannot_answer_makes_a_no_a_temporary_failure()
    {
        using var dead = new FixedVerifier(null);
        SaslServerBuilder builder = Memory();
        builder.Verifiers["daemon"] = _ => dead;
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: auxprop daemon"));
        Assert.Equal(SaslError.TemporaryFailure, (await setup.LogInAsync("alice", "wrong")).Error);
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
    }

    [Theory]
    [InlineData("foo", "there is no password verifier 'foo'; accepted are auxprop, saslauthd, pwcheck, authdaemond, mine")]
    [InlineData("alwaystrue", "there is no password verifier 'alwaystrue', which would let everybody in; accepted are auxprop, saslauthd, pwcheck, authdaemond, mine")]
    [InlineData("auxprop, mine", "a comma does not separate words; write white space instead")]
    public void A_method_that_nobody_knows_is_refused_with_those_that_are_known(string methods, string problem)
    {
        SaslServerBuilder builder = Memory();
        builder.Verifiers["mine"] = static _ => new FixedVerifier(PasswordOutcome.Match);
        Assert.Equal($"smtpd.conf(1): pwcheck_method: {problem}", Refusal(builder, $"pwcheck_method: {methods}"));
    }

    [Fact]
    public void With_a_verifier_alone_no_store_is_opened_and_no_mechanism_that_needs_one_is_offered()
    {
        SaslServerBuilder builder = Memory();
        builder.Stores["memory"] = static _ => throw new InvalidOperationException("opened");
        builder.Verifiers["mine"] = static _ => new FixedVerifier(PasswordOutcome.Match);
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: mine"));
        Assert.Equal(["PLAIN", "LOGIN"], setup.Offer(Tls));
        Assert.Empty(setup.Stores);
    }

    [Fact]
    public void A_store_that_is_named_serves_SCRAM_beside_another_verifier()
    {
        SaslServerBuilder builder = Memory();
        builder.Verifiers["mine"] = static _ => new FixedVerifier(PasswordOutcome.Match);
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: mine\nauxprop_plugin: Memory"));
        Assert.Contains("SCRAM-SHA-256", setup.Offer(Tls));
        Assert.Equal(["mine"], setup.Explanation.Verifiers.AsEnumerable());
    }

    [Fact]
    public async Task Auxprop_plugin_chooses_stores_and_their_order()
    {
        using var second = new MemoryCredentialStore();
        second.Add(new SaslUser("alice", "example.com"), "userPassword", "crayon"u8);
        SaslServerBuilder builder = Memory();
        builder.Stores["second"] = _ => new Borrowed(second);

        using (SaslServerSetup all = builder.Build("smtp", SaslConfiguration.Empty))
            Assert.Equal(["memory", "second"], all.Explanation.Stores.AsEnumerable());
        using SaslServerSetup setup = builder.Build("smtp", Conf("auxprop_plugin: SECOND memory"));
        Assert.Equal(["SECOND", "memory"], setup.Stores.Select(static link => link.Name));
        Assert.True((await setup.LogInAsync("alice", "crayon")).IsSuccess);
    }

    [Fact]
    public async Task The_built_in_sasldb_stands_back_for_a_store_of_the_applications_unless_the_configuration_asks_for_it()
    {
        using (SaslServerSetup setup = Memory().Build("smtp", SaslConfiguration.Empty))
        {
            Assert.Equal(["memory"], setup.Explanation.Stores.AsEnumerable());
            Assert.Empty(setup.Explanation.Warnings);
            Assert.Equal(SaslError.InvalidCredentials, (await setup.LogInAsync("nobody", "pencil")).Error);
        }
        using (SaslServerSetup named = Memory().Build("smtp", Conf("auxprop_plugin: memory sasldb")))
            Assert.Equal(["memory", "sasldb"], named.Explanation.Stores.AsEnumerable());
        using SaslServerSetup placed = Memory().Build("smtp", Conf("sasldb_path: /nowhere/users"));
        Assert.Equal(["sasldb", "memory"], placed.Explanation.Stores.AsEnumerable());
    }

    [Fact]
    public void The_built_in_sasldb_is_used_where_no_other_store_can_be_made()
    {
        var builder = new SaslServerBuilder { ServerName = "mail.example.com" };
        builder.Stores["empty"] = static _ => null;
        using SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.Empty);
        Assert.Equal(["sasldb"], setup.Explanation.Stores.AsEnumerable());
    }

    [Fact]
    public void A_store_of_the_applications_that_is_called_sasldb_is_used_like_any_other()
    {
        using var mine = new MemoryCredentialStore();
        SaslServerBuilder builder = Memory();
        builder.Stores["sasldb"] = _ => new Borrowed(mine);
        using SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.Empty);
        Assert.Equal(["sasldb", "memory"], setup.Explanation.Stores.AsEnumerable());
    }

    [Fact]
    public void A_store_that_nobody_knows_is_refused_with_those_that_are_known() => Assert.Equal(
        "smtpd.conf(1): auxprop_plugin: there is no credential store 'sql'; accepted are sasldb, memory", Refusal(Memory(), "auxprop_plugin: sql"));

    [Fact]
    public void A_store_without_its_options_is_left_out_unless_it_is_named()
    {
        SaslServerBuilder builder = Memory();
        builder.Stores["empty"] = static _ => null;
        using (SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.Empty))
            Assert.Equal(["memory"], setup.Explanation.Stores.AsEnumerable());
        Assert.Equal(
            "smtpd.conf(1): auxprop_plugin: the credential store 'empty' lacks the options it needs", Refusal(builder, "auxprop_plugin: empty"));
    }

    [Fact]
    public async Task Canon_user_plugin_chooses_the_canonicalizer()
    {
        SaslServerBuilder builder = Memory();
        builder.Canonicalizers["lower"] = static _ => new LowerCaseCanonicalizer();
        using (SaslServerSetup setup = builder.Build("smtp", Conf("canon_user_plugin: internal")))
            Assert.Equal(SaslError.InvalidCredentials, (await setup.LogInAsync("ALICE", "pencil")).Error);
        using SaslServerSetup lower = builder.Build("smtp", Conf("canon_user_plugin: LOWER"));
        Assert.True((await lower.LogInAsync("ALICE", "pencil")).IsSuccess);
    }

    [Fact]
    public void A_canonicalizer_that_nobody_knows_is_refused_with_those_that_are_known() => Assert.Equal(
        "smtpd.conf(1): canon_user_plugin: there is no canonicalizer 'ldapdb'; accepted are INTERNAL", Refusal(Memory(), "canon_user_plugin: ldapdb"));

    [Theory]
    [InlineData("many", "'many' is not accepted; accepted are whole numbers from 4096 to 10000000")]
    [InlineData("1000", "'1000' is not accepted; accepted are whole numbers from 4096 to 10000000")]
    [InlineData("2000000000", "'2000000000' is not accepted; accepted are whole numbers from 4096 to 10000000")]
    public void SCRAM_iterations_are_bounded(string value, string problem) => Assert.Equal(
        $"smtpd.conf(1): scram_iteration_counter: {problem}", Refusal(Memory(), $"scram_iteration_counter: {value}"));

    [Fact]
    public void SCRAM_iterations_decide_how_new_passwords_are_stored()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("scram_iteration_counter: 5000"));
        string[] stored = [.. setup.SecretDerivers.SelectMany(static derive => derive(new SaslUser("alice", ""), "pencil"u8))
            .Select(static value => System.Text.Encoding.ASCII.GetString(value.Value!.Value.Span))];
        Assert.Equal(5, stored.Length);
        Assert.All(stored, static value => Assert.Contains("$5000:", value, StringComparison.Ordinal));
    }

    [Fact]
    public void SCRAM_with_options_of_the_applications_keeps_them_and_the_key_that_cannot_change_them_is_warned_of()
    {
        SaslServerBuilder builder = Memory();
        builder.Mechanisms = [.. ScramMechanisms.Create(new ScramOptions { SaltLength = 24, Iterations = 6000 }).Where(static one => one.Name == "SCRAM-SHA-256"), ScramMechanisms.Sha1];
        using (SaslServerSetup quiet = builder.Build("smtp", SaslConfiguration.Empty))
            Assert.Empty(Warnings(quiet));
        builder.Scram = new ScramOptions { Iterations = 4500 };
        using SaslServerSetup setup = builder.Build("smtp", Conf("scram_iteration_counter: 5000"));
        Assert.Equal(["6000", "5000"], DerivedParts(setup).Select(static parts => parts[0]));
        Assert.Equal(24, Convert.FromBase64String(DerivedParts(setup)[0][1]).Length);
        Assert.Equal(["smtpd.conf(1): scram_iteration_counter: has no effect on SCRAM-SHA-256: the application gives options of its own"], Warnings(setup));
    }

    [Fact]
    public void SCRAM_secrets_are_not_made_where_the_configuration_says_so()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("scram_secret_generate: no"));
        Assert.Empty(setup.SecretDerivers);
        Assert.Contains("SCRAM-SHA-256", setup.Offer(Tls));
    }

    [Fact]
    public void Keys_from_code_do_the_same()
    {
        using SaslServerSetup setup = Memory().Build("smtp", SaslConfiguration.FromValues([new("Mech_List", "PLAIN")], "appsettings.json"));
        Assert.Equal(["PLAIN"], setup.Offer(Tls));
    }

    [Fact]
    public void A_policy_of_the_applications_stays_in_force_under_mech_list()
    {
        SaslServerBuilder builder = Memory();
        builder.Policy = SaslPolicy.Default with { Require = SaslSecurityFlags.None };
        using SaslServerSetup setup = builder.Build("smtp", Conf("mech_list: PLAIN"));
        Assert.Equal(["PLAIN"], setup.Offer(SaslChannel.Plaintext));
    }

    [Fact]
    public void Disposing_the_setup_disposes_what_was_made_for_it()
    {
        var verifier = new FixedVerifier(PasswordOutcome.Match);
        SaslServerBuilder builder = Memory();
        builder.Verifiers["mine"] = _ => verifier;
        builder.Build("smtp", Conf("pwcheck_method: mine")).Dispose();
        Assert.True(verifier.IsDisposed);
    }

    [Fact]
    public void A_build_that_fails_disposes_what_was_made_for_it()
    {
        var verifier = new FixedVerifier(PasswordOutcome.Match);
        SaslServerBuilder builder = Memory();
        builder.Verifiers["mine"] = _ => verifier;
        Refusal(builder, "pwcheck_method: mine unknown");
        Assert.True(verifier.IsDisposed);
    }

    [Fact]
    public void A_back_end_learns_for_whom_it_is_made()
    {
        SaslBackendContext? seen = null;
        SaslServerBuilder builder = Memory();
        builder.ServerName = "Mail.Example.COM";
        builder.Verifiers["mine"] = context =>
        {
            seen = context;
            context.Remark("mine_path", "is not what it was");
            return new FixedVerifier(PasswordOutcome.Match);
        };
        builder.KnownKeys.Add(new SaslConfigurationKey("mine_path", SaslConfigurationKeyKind.FilePath, null, "where mine is"));
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: mine\nmine_path: /x"));
        Assert.Equal(("smtp", "mail.example.com", "example.com", "/x"), (seen?.Service, seen?.ServerName, seen?.Realm, seen?.Configuration["mine_path"]));
        Assert.Equal(["smtpd.conf(2): mine_path: is not what it was"], Warnings(setup));
    }

    [Fact]
    public async Task Servers_built_with_one_decoy_key_show_one_salt_for_a_user_who_does_not_exist()
    {
        SaslServerBuilder builder = Memory();
        Assert.NotEqual(await SaltOfNobodyAsync(builder), await SaltOfNobodyAsync(builder));
        builder.DecoyKey = Enumerable.Repeat((byte)7, 32).ToArray();
        Assert.Equal(await SaltOfNobodyAsync(builder), await SaltOfNobodyAsync(builder));
        builder.DecoyKey = new byte[31];
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Build("smtp", SaslConfiguration.Empty));
    }

    [Theory]
    [InlineData(true, SaslError.None)]
    [InlineData(false, SaslError.ChannelBindingMismatch)]
    public async Task Whether_an_exporter_binding_may_be_repeated_is_the_applications_choice(bool allowed, SaslError second)
    {
        SaslServerBuilder builder = Memory();
        Assert.True(builder.AllowRepeatedExporterBinding);
        builder.AllowRepeatedExporterBinding = allowed;
        using SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.Empty);
        using SaslServerSession session = setup.Server.CreateSession(
            Tls with { Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, new byte[32])) });
        Assert.Equal(SaslStatus.Continue, (await session.StartAsync("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=alice,r=abc"u8.ToArray())).Status);
        session.Abort();
        Assert.Equal(second, (await session.StartAsync("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=alice,r=abc"u8.ToArray())).Error);
    }

    [Fact]
    public void The_clients_list_limits_a_client_and_keeps_its_order()
    {
        var options = new SaslClientOptions { Service = "smtp", ServerName = "mail.example.com", Mechanisms = SaslMechanisms.Standard };
        Assert.Equal(["LOGIN", "PLAIN"], options.Configure(Conf("client_mech_list: LOGIN PLAIN\nmech_list: ANONYMOUS")).Policy.Allow.AsEnumerable());
        Assert.Same(options, options.Configure(Conf("mech_list: ANONYMOUS")));
        Assert.Throws<SaslConfigurationException>(() => options.Configure(Conf("client_mech_list: LOGIN,PLAIN")));
    }

    private static string Refusal(SaslServerBuilder builder, string text) =>
        Assert.Throws<SaslConfigurationException>(() => builder.Build("smtp", Conf(text))).Message;

    private static IEnumerable<string> Warnings(SaslServerSetup setup) => setup.Explanation.Warnings.Select(static warning => warning.ToString());

    private static async Task<string> SaltOfNobodyAsync(SaslServerBuilder builder)
    {
        using SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.Empty);
        using SaslServerSession session = setup.Server.CreateSession(Tls);
        SaslReply reply = await session.StartAsync("SCRAM-SHA-256", "n,,n=nobody,r=abc"u8.ToArray());
        return System.Text.Encoding.ASCII.GetString(reply.Message!.Value.Span).Split(',')[1];
    }

    // SCRAM-SHA-256$iterations:salt$stored key:server key
    private static string[][] DerivedParts(SaslServerSetup setup) =>
        [.. setup.SecretDerivers.SelectMany(static derive => derive(new SaslUser("alice", ""), "pencil"u8))
            .Select(static value => System.Text.Encoding.ASCII.GetString(value.Value!.Value.Span).Split('$')[1].Split(':'))];

    private sealed class LowerCaseCanonicalizer : IUserCanonicalizer
    {
        public ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken) =>
            DefaultCanonicalizer.Instance.CanonicalizeAsync(name.ToLowerInvariant(), service, cancellationToken);
    }
}
