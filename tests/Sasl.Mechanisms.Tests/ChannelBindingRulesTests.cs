using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>When a login is bound to the channel, when it must be, and how often.</summary>
public sealed class ChannelBindingRulesTests
{
    private static readonly byte[] s_exporter = [.. Enumerable.Range(1, 32).Select(static octet => (byte)octet)];

    private static readonly SaslChannel s_tls = new()
    {
        ExternalSsf = 256,
        Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, s_exporter)),
    };

    [Fact]
    public async Task A_client_left_alone_binds_even_with_a_weaker_hash()
    {
        SaslServer server = Server(mechanisms: [ScramMechanisms.Sha512, ScramMechanisms.Sha256Plus, ScramMechanisms.Sha256]);

        (SaslReply reply, SaslIdentity? identity) = await LogInAsync(server, new SaslPolicy());

        Assert.True(reply.IsSuccess);
        Assert.Equal("SCRAM-SHA-256-PLUS", identity!.Mechanism.Name);
        Assert.Equal(SaslChannelBindings.TlsExporter, identity.ChannelBinding);
    }

    [Fact]
    public async Task A_client_that_was_offered_PLUS_and_does_not_want_it_does_not_claim_that_it_was_not()
    {
        SaslServer server = Server(mechanisms: [ScramMechanisms.Sha512, ScramMechanisms.Sha256Plus, ScramMechanisms.Sha256]);

        (SaslReply reply, SaslIdentity? identity) = await LogInAsync(server, new SaslPolicy { Allow = ["SCRAM-SHA-512"] });

        Assert.True(reply.IsSuccess);
        Assert.Null(identity!.ChannelBinding);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-256")]    // as Cyrus SASL's clients bind
    public async Task A_strict_host_lets_an_exporter_value_serve_one_exchange_only(string name)
    {
        SaslServer server = Server(ScramMechanisms.Default, repeat: false);
        using SaslServerSession session = server.CreateSession(s_tls);

        SaslReply first = await session.StartAsync(name, "p=tls-exporter,,n=alice,r=abc"u8.ToArray());
        session.Abort();
        SaslReply second = await session.StartAsync(name, "p=tls-exporter,,n=alice,r=abc"u8.ToArray());

        Assert.Equal(SaslStatus.Continue, first.Status);
        Assert.Equal(SaslError.ChannelBindingMismatch, second.Error);
    }

    [Fact]
    public async Task A_strict_host_still_takes_a_certificate_binding_twice()
    {
        SaslServer server = Server(ScramMechanisms.Default, repeat: false);
        using SaslServerSession session = server.CreateSession(s_tls with
        {
            Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsServerEndPoint, s_exporter)),
        });
        for (int attempt = 0; attempt < 2; attempt++)
        {
            SaslReply reply = await session.StartAsync("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=alice,r=abc"u8.ToArray());
            Assert.Equal(SaslStatus.Continue, reply.Status);
            session.Abort();
        }
    }

    [Fact]
    public async Task A_server_that_does_not_bind_refuses_a_client_that_does()
    {
        SaslServer server = Server(ScramMechanisms.Default, binding: SaslBindingPolicy.Disable);
        using SaslServerSession session = server.CreateSession(s_tls);

        SaslReply reply = await session.StartAsync("SCRAM-SHA-256", "p=tls-exporter,,n=alice,r=abc"u8.ToArray());

        Assert.Equal(SaslError.ChannelBindingMismatch, reply.Error);
    }

    [Fact]
    public async Task Servers_with_one_decoy_key_show_one_salt_for_a_user_who_does_not_exist()
    {
        byte[] key = [.. Enumerable.Repeat((byte)7, 32)];

        string one = await SaltAsync(Server(ScramMechanisms.Default, decoyKey: key));
        string two = await SaltAsync(Server(ScramMechanisms.Default, decoyKey: key));
        string other = await SaltAsync(Server(ScramMechanisms.Default));

        Assert.Equal(one, two);
        Assert.NotEqual(one, other);
        Assert.Throws<ArgumentOutOfRangeException>(static () => Server(ScramMechanisms.Default, decoyKey: new byte[31]));
    }

    [Fact]
    public void A_disposed_client_makes_no_sessions()
    {
        var client = new SaslClient(new SaslClientOptions { Service = "smtp", ServerName = "localhost", Mechanisms = SaslMechanisms.Standard });
        client.Dispose();

        Assert.Throws<ObjectDisposedException>(() => client.CreateSession(s_tls));
    }

    private static async Task<string> SaltAsync(SaslServer server)
    {
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync("SCRAM-SHA-256", "n,,n=nobody,r=abc"u8.ToArray());
        return System.Text.Encoding.ASCII.GetString(reply.Message!.Value.Span).Split(',')[1];
    }

    private static SaslServer Server(
        System.Collections.Immutable.ImmutableArray<SaslMechanism> mechanisms, bool repeat = true,
        SaslBindingPolicy binding = SaslBindingPolicy.Prefer, byte[]? decoyKey = null)
    {
        var store = new MemoryCredentialStore();
        var user = new SaslUser("alice", "");
        foreach (SaslMechanism mechanism in ScramMechanisms.Default)
        {
            if (mechanism.DeriveSecrets is { } derive)
                Assert.True(store.StoreAsync(user, derive(user, "secret"u8), default).IsCompletedSuccessfully);
        }
        return new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = mechanisms,
            CredentialStore = store,
            Policy = new SaslPolicy { Binding = binding },
            AllowRepeatedExporterBinding = repeat,
            DecoyKey = decoyKey,
        });
    }

    private static async Task<(SaslReply Reply, SaslIdentity? Identity)> LogInAsync(SaslServer server, SaslPolicy policy)
    {
        using SaslSecret password = SaslSecret.FromText("secret");
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = policy,
            UserName = "alice",
            Password = password,
        });
        using SaslServerSession serverSession = server.CreateSession(s_tls);
        using SaslClientSession clientSession = client.CreateSession(s_tls);
        SaslReply fromClient = await clientSession.StartAsync(serverSession.Mechanisms.Select(static mechanism => mechanism.Name));
        SaslReply fromServer = await serverSession.StartAsync(clientSession.Mechanism!.Name, fromClient.Message);
        while (fromServer.NeedsMore && fromClient.NeedsMore)
        {
            fromClient = await clientSession.StepAsync(fromServer.Message ?? default);
            fromServer = await serverSession.StepAsync(fromClient.Message ?? default);
        }
        return (fromServer, serverSession.Identity);
    }
}
