using System.Buffers;
using System.Reflection;
using System.Text.RegularExpressions;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>What is chosen, what it is made of, and what is not there at all.</summary>
public sealed partial class SelectionHistoryTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task ANONYMOUS_and_EXTERNAL_are_not_picked_by_a_client_unasked()
    {
        // Cyrus SASL's client picks ANONYMOUS where it has no password, and EXTERNAL whenever it is offered, certificate or not.
        using var nothing = new SaslClient(new SaslClientOptions { Service = "smtp", ServerName = "mail.example.com", Mechanisms = SaslMechanisms.Standard });
        using SaslSecret password = SaslSecret.FromText("pencil");
        using var known = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = SaslMechanisms.Standard, UserName = "alice", Password = password,
        });
        foreach (SaslChannel channel in new[] { SaslChannel.Plaintext, World.Tls with { ExternalIdentity = null } })
        {
            using SaslClientSession session = nothing.CreateSession(channel);
            Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync(["ANONYMOUS", "EXTERNAL", "PLAIN"])).Error);
            Assert.Null(session.Mechanism);
        }
        using SaslClientSession second = known.CreateSession(World.Tls with { ExternalIdentity = null });
        Assert.True((await second.StartAsync(["ANONYMOUS", "EXTERNAL", "PLAIN"])).NeedsMore);
        Assert.Equal("PLAIN", second.Mechanism!.Name);
    }

    [Fact]
    public async Task ANONYMOUS_and_CRAM_MD5_are_not_offered_by_a_server_unasked()
    {
        using SaslServerSetup setup = Builders.Memory().Build("smtp", SaslConfiguration.Empty);
        using SaslServerSession session = setup.Server.CreateSession(World.Tls);
        Assert.DoesNotContain(session.Mechanisms, static mechanism => mechanism.Name is "ANONYMOUS" or "CRAM-MD5");
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("ANONYMOUS", "x"u8.ToArray())).Error);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("CRAM-MD5")).Error);
    }

    [Fact]
    public void ANONYMOUS_is_not_offered_where_nobody_anonymous_is_allowed()
    {
        // The list names it, the policy forbids it: the policy counts.
        SaslServerBuilder builder = Builders.Memory();
        builder.Policy = SaslPolicy.Default;
        using SaslServerSetup setup = builder.Build("smtp", Builders.Conf("mech_list: ANONYMOUS PLAIN"));
        Assert.Equal(["PLAIN"], setup.Offer(Builders.Tls));
    }

    [Fact]
    public async Task A_mechanism_that_no_back_end_can_serve_is_not_offered()
    {
        // Cyrus SASL offers SCRAM and CRAM-MD5 although saslauthd can only check plain-text passwords.
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = SaslMechanisms.Standard,
            Policy = World.Everything(SaslMechanisms.Standard), PasswordVerifier = new FixedVerifier(PasswordOutcome.Match),
        });
        using SaslServerSession session = server.CreateSession(World.Tls with { ExternalIdentity = null });
        Assert.Equal(["ANONYMOUS", "LOGIN", "PASSDSS-3DES-1", "PLAIN"], session.Mechanisms.Select(static mechanism => mechanism.Name).Order());
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("SCRAM-SHA-256", "n,,n=alice,r=abc"u8.ToArray())).Error);
    }

    [Fact]
    public void Alwaystrue_is_not_shipped()
    {
        Exception refused = Assert.Throws<SaslConfigurationException>(
            static () => Builders.Memory().Build("smtp", Builders.Conf("pwcheck_method: alwaystrue")));
        Assert.StartsWith("smtpd.conf(1): pwcheck_method: there is no password verifier 'alwaystrue', which would let everybody in", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["authdaemond", "pwcheck", "saslauthd"], new SaslServerBuilder().Verifiers.Keys.Order());
        Type[] verifiers =
        [
            .. new[] { "Sasl.Core", "Sasl.Mechanisms", "Sasl.Sasldb", "Sasl.Smtp", "Sasl" }
                .SelectMany(static name => Assembly.Load(name).GetTypes())
                .Where(static type => type.IsClass && type.IsAssignableTo(typeof(IPasswordVerifier))),
        ];
        Assert.Equal(
            ["PasswordVerifierChain", "StoredPasswordVerifier", "TransitioningPasswordVerifier"], verifiers.Select(static type => type.Name).Order());
    }

    [Fact]
    public void Nonces_come_from_a_CSPRNG()
    {
        Assert.Same(SaslNonceSource.Random, new SaslServerOptions { Service = "x", Mechanisms = [] }.Nonces);
        Assert.Same(SaslNonceSource.Random, new SaslClientOptions { Service = "x", ServerName = "x", Mechanisms = [] }.Nonces);
        Assert.Same(SaslNonceSource.Random, new SaslServerBuilder().Nonces);
        foreach ((string path, string text) in Checkout.Sources)
            Assert.False(WeakRandomness().IsMatch(text), $"{path}: {WeakRandomness().Match(text)}");
        Assert.Contains("T:System.Random;", File.ReadAllText(Path.Combine(Checkout.Root, "BannedSymbols.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Nonces_have_192_bits_and_are_all_different()
    {
        // Cyrus SASL's have a state of 48 bits, whose low ones follow from each other.
        var seen = new HashSet<string>();
        int[] ones = new int[192];
        const int Rounds = 4096;
        for (int i = 0; i < Rounds; i++)
        {
            var writer = new ArrayBufferWriter<byte>();
            SaslNonceSource.Random.WriteNonce(writer);
            string text = System.Text.Encoding.ASCII.GetString(writer.WrittenSpan);
            Assert.True(seen.Add(text));
            byte[] octets = Convert.FromBase64String(text);
            Assert.Equal(24, octets.Length);
            for (int bit = 0; bit < ones.Length; bit++)
                ones[bit] += (octets[bit / 8] >> (bit % 8)) & 1;
        }
        // Eight standard deviations: 32 each side of 2048.
        Assert.All(ones, static count => Assert.InRange(count, (Rounds / 2) - 256, (Rounds / 2) + 256));
    }

    [Fact]
    public void Salts_of_new_passwords_are_all_different()
    {
        var seen = new HashSet<string>();
        foreach (SaslMechanism mechanism in World.Cheap.Where(static mechanism => mechanism.DeriveSecrets is not null && !mechanism.OnlyWhenNamed))
        {
            for (int i = 0; i < 50; i++)
            {
                foreach (SaslPropertyValue value in mechanism.DeriveSecrets!(new SaslUser("alice", ""), "pencil"u8))
                    Assert.True(seen.Add(System.Text.Encoding.ASCII.GetString(value.Value!.Value.Span).Split('$')[1].Split(':')[1]));
            }
        }
        Assert.Equal(250, seen.Count);
    }

    [Fact]
    public void Secrets_are_compared_in_fixed_time()
    {
        // The comparisons of proofs, digests, MACs and passwords: each in a file that must not know SequenceEqual.
        string[] files = [.. Checkout.Sources.Where(static source => source.Text.Contains("FixedTimeEquals", StringComparison.Ordinal)).Select(static source => Path.GetFileName(source.Path))];
        foreach (string expected in new[] { "CramMd5Server.cs", "ScramServer.cs", "ScramClient.cs", "ScramVerifier.cs", "ScramPasswordForm.cs", "PlainTextForm.cs", "CyrusPlainForm.cs", "DigestServer.cs", "DigestClient.cs", "DigestLayer.cs", "NtlmServer.cs", "SrpServer.cs", "SrpClient.cs", "SrpLayer.cs", "PassdssServer.cs", "PassdssLayer.cs", "MemoryCredentialStore.cs" })
            Assert.Contains(expected, files);
        Assert.All(Checkout.Sources.Where(source => files.Contains(Path.GetFileName(source.Path))), static source =>
            Assert.False(source.Text.Contains("SequenceEqual", StringComparison.Ordinal), source.Path));
    }

    [Fact]
    public async Task A_remembered_key_makes_no_other_password_right()
    {
        // The fear behind Cyrus SASL's issue 400: a cache that answers for a password it was not made of.
        for (int i = 0; i < 3; i++)
        {
            using SaslServerSession right = _world.NewSession();
            Assert.True((await _world.LogInAsync(right, "SCRAM-SHA-256")).IsSuccess);
            using SaslServerSession wrong = _world.NewSession();
            Assert.Equal(SaslError.InvalidCredentials, (await _world.LogInAsync(wrong, "SCRAM-SHA-256", "Pencil")).Error);
            using SaslServerSession plain = _world.NewSession();
            Assert.Equal(SaslError.InvalidCredentials, (await _world.LogInAsync(plain, "PLAIN", "Pencil")).Error);
        }
    }

    [GeneratedRegex(@"\bnew Random\(|\bRandom\.Shared|Guid\.NewGuid")]
    private static partial Regex WeakRandomness();
}
