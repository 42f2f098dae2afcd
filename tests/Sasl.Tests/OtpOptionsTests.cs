using System.Text;
using Sasl.Mechanisms;
using Sasl.Sasldb;
using Xunit;

namespace Sasl.Tests;

/// <summary><c>otp_mda</c> and <c>opiekeys</c> in a configuration file, and one-time passwords of one sasldb on several servers.</summary>
public sealed class OtpOptionsTests : IDisposable
{
    private static readonly SaslUser s_alice = new("alice", "example.com");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sasl-otp-options-");

    [Theory]
    [InlineData("", "md5")]
    [InlineData("otp_mda: md5", "md5")]
    [InlineData("otp_mda: md4", "md4")]
    [InlineData("otp_mda: sha1", "sha1")]
    [InlineData("otp_mda: SHA1", "sha1")]
    public async Task Otp_mda_is_the_hash_of_new_sequences(string line, string hash)
    {
        using SaslServerSetup setup = Build(line);
        await StoreAsync([.. setup.SecretDerivers.SelectMany(static derive => derive(s_alice, "pencil"u8))]);

        Assert.Matches($@"\A{hash}\t0499\t[a-z0-9]{{6}}\t[0-9a-f]{{16}}\t0{{20}}\z", await StoredAsync());
        Assert.Equal((true, $"otp-{hash} 498"), await LogInAsync(setup, "pencil"));
        Assert.StartsWith($"otp-{hash} ", (await LogInAsync(setup, "pencil", user: "nobody")).Asked, StringComparison.Ordinal);    // nor does the made-up challenge tell
    }

    [Fact]
    public async Task Otp_mda_leaves_sequences_that_exist_as_they_are()
    {
        using (SaslServerSetup before = Build("otp_mda: md4"))
            await StoreAsync([.. before.SecretDerivers.SelectMany(static derive => derive(s_alice, "pencil"u8))]);
        using SaslServerSetup setup = Build("otp_mda: sha1");

        Assert.Equal((true, "otp-md4 498"), await LogInAsync(setup, "pencil"));
        Assert.Equal((true, "otp-md4 497"), await LogInAsync(setup, "pencil"));
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("md5 sha1")]
    public void Another_hash_is_refused_with_what_would_be_accepted(string hash)
    {
        string message = Assert.Throws<SaslConfigurationException>(() => Build($"otp_mda: {hash}")).Message;
        Assert.Contains("smtpd.conf(3): otp_mda: ", message, StringComparison.Ordinal);
        Assert.Contains("md4, md5, sha1", message, StringComparison.Ordinal);
    }

    // The line is made as OPIE's opiepasswd makes it of "This is a test." and RFC 2289's seed: appendix C has the passwords 99 and, hashed once more, 100.
    [Fact]
    public async Task Opiekeys_names_a_file_whose_sequences_go_on_in_the_store()
    {
        string keys = Path.Combine(_folder.FullName, "opiekeys");
        const string Line = "alice 0099 TeSt             50fe1962c4965880  Jan 01,2026 00:00:00\n";
        await File.WriteAllTextAsync(keys, Line);
        await StoreAsync([new("userPassword", "unused"u8.ToArray())]);
        using SaslServerSetup setup = Build($"opiekeys: {keys}");

        Assert.Equal((false, "otp-md5 98"), await LogInAsync(setup, "not it"));
        Assert.Equal((true, "otp-md5 98"), await LogInAsync(setup, "This is a test."));
        Assert.Equal((true, "otp-md5 97"), await LogInAsync(setup, "This is a test."));
        Assert.StartsWith("md5\t0097\ttest\t", (await StoredAsync())!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Line, await File.ReadAllTextAsync(keys));
        using SaslServerSetup without = Build("");
        Assert.Equal((true, "otp-md5 96"), await LogInAsync(without, "This is a test."));
    }

    [Theory]
    [InlineData(SasldbFormat.Lmdb, 0)]
    [InlineData(SasldbFormat.Lmdb, 5)]
    [InlineData(SasldbFormat.Berkeley, 0)]
    [InlineData(SasldbFormat.Berkeley, 5)]
    [InlineData(SasldbFormat.Gdbm, 0)]
    [InlineData(SasldbFormat.Gdbm, 5)]
    public async Task Of_logins_that_race_over_one_sasldb_as_many_get_in_as_passwords_are_used_up(SasldbFormat format, int lockMinutes)
    {
        SaslServerSetup[] servers = [.. Enumerable.Range(0, 8).Select(_ => Build("", TimeSpan.FromMinutes(lockMinutes)))];    // each with a store of its own
        await StoreAsync([.. servers[0].SecretDerivers.SelectMany(static derive => derive(s_alice, "pencil"u8))], format);

        (bool LetIn, string? Asked)[] logins = await Task.WhenAll(servers.SelectMany(static server =>
            Enumerable.Range(0, 3).Select(_ => Task.Run(() => LogInAsync(server, "pencil")))));

        string?[] used = [.. logins.Where(static login => login.LetIn).Select(static login => login.Asked)];
        Assert.NotEmpty(used);
        Assert.Equal(used.Distinct(), used);    // no password twice
        Assert.StartsWith($"md5\t0{499 - used.Length}\t", await StoredAsync(), StringComparison.Ordinal);
        foreach (SaslServerSetup server in servers)
            server.Dispose();
    }

    [Fact]
    public void A_mechanism_that_the_platform_lacks_is_not_asked_for_records_when_a_password_is_set()
    {
        SaslServerBuilder builder = Builders.Memory();
        builder.Mechanisms = [SaslMechanisms.DigestMd5 with { MissingOnPlatform = "no MD5", DeriveSecrets = static (_, _) => throw new NotSupportedException() }, SaslMechanisms.Otp];
        using SaslServerSetup setup = builder.Build("smtp", Builders.Conf("auxprop_plugin: memory\nmech_list: DIGEST-MD5 OTP"));

        Assert.Equal(["cmusaslsecretOTP"], setup.SecretDerivers.SelectMany(static derive => derive(s_alice, "pencil"u8)).Select(static value => value.Name));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Users => Path.Combine(_folder.FullName, "users");

    private SaslServerSetup Build(string line, TimeSpan? lockTime = null)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "smtpd.conf"), $"sasldb_path: {Users}\nmech_list: OTP\n{line}\n");
        return new SaslServerBuilder
        {
            ServerName = "mail.example.com",
            Realm = "example.com",
            Otp = lockTime is { } time ? new OtpOptions { LockTime = time } : OtpOptions.Default,
            Mechanisms = [SaslMechanisms.Otp],
            Finder = new SaslConfigurationFinder { Directories = [_folder.FullName] },
        }.Build("smtp", "smtpd");
    }

    // What was asked for is without the seed, which is drawn.
    private static async Task<(bool LetIn, string? Asked)> LogInAsync(SaslServerSetup setup, string passPhrase, string user = "alice")
    {
        using SaslSecret password = SaslSecret.FromText(passPhrase);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = [SaslMechanisms.Otp],
            Policy = new SaslPolicy { Allow = ["OTP"] },
            UserName = user,
            Password = password,
        });
        using SaslClientSession asking = client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession session = setup.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply challenge = await session.StartAsync("OTP", (await asking.StartAsync(["OTP"])).Message!.Value.ToArray());
        if (!challenge.NeedsMore)
            return (false, null);
        byte[] asked = challenge.Message!.Value.ToArray();
        SaslReply answer = await session.StepAsync((await asking.StepAsync(asked)).Message!.Value.ToArray());
        return (answer.IsSuccess, string.Join(' ', Encoding.ASCII.GetString(asked).Split(' ')[..2]));
    }

    private async Task StoreAsync(IReadOnlyList<SaslPropertyValue> values, SasldbFormat format = SasldbFormat.Lmdb)
    {
        using var store = new SasldbStore(new SasldbOptions { Path = Users, CreateFormat = format });
        await store.StoreAsync(s_alice, values, default);
    }

    private async Task<string?> StoredAsync()
    {
        using var store = new SasldbStore(Users);
        using var found = new PropertySet(new SaslProperty("cmusaslsecretOTP"));
        await store.LookupAsync(s_alice, found, default);
        return found.Count == 0 ? null : Encoding.ASCII.GetString(found.ValueAt(0));
    }
}
