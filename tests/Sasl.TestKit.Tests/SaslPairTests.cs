using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.TestKit.Tests;

public sealed class SaslPairTests
{
    private static readonly string[] s_names = ["PLAIN", "LOGIN", "EXTERNAL", "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];

    public static TheoryData<string> Names => [.. s_names];

    public static TheoryData<string> WithPassword => ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_mechanism_logs_in_without_further_options(string mechanism)
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard });

        using SaslPairLogin login = await pair.LogInAsync(mechanism);

        Assert.True(login.IsSuccess, $"{login.ServerReply}, {login.ClientReply}");
        Assert.NotNull(login.Server.Identity);
        Assert.True(login.Messages[0].FromClient || mechanism is "LOGIN" or "CRAM-MD5" or "DIGEST-MD5");
    }

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task A_wrong_password_ends_in_a_failure_of_the_server(string mechanism)
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard, TriedPassword = "wrong" });

        using SaslPairLogin login = await pair.LogInAsync(mechanism);

        Assert.False(login.IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, login.ServerReply.Error);
        Assert.Null(login.Server.Identity);
    }

    [Fact]
    public async Task Fixed_nonces_and_a_fixed_clock_repeat_a_conversation_octet_by_octet()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        SaslPairOptions Options() => new()
        {
            Mechanisms = SaslMechanisms.Standard,
            ServerNonces = new FixedNonceSource(1, 2, 3),
            ClientNonces = new FixedNonceSource(4, 5),
            Clock = clock,
            ConfigureServer = static options => options with { DecoyKey = new byte[32] },
        };
        foreach (string mechanism in s_names)
        {
            using var one = new SaslPair(Options());
            using var other = new SaslPair(Options());
            using SaslPairLogin first = await one.LogInAsync(mechanism);
            using SaslPairLogin second = await other.LogInAsync(mechanism);
            Assert.Equal(Written(first), Written(second));
        }
    }

    [Fact]
    public async Task A_random_source_does_not_repeat_a_conversation()
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard });

        using SaslPairLogin first = await pair.LogInAsync("CRAM-MD5");
        using SaslPairLogin second = await pair.LogInAsync("CRAM-MD5");

        Assert.NotEqual(Written(first), Written(second));
    }

    [Fact]
    public async Task A_mechanism_that_is_not_there_fails_on_the_client()
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = [SaslMechanisms.Plain] });

        using SaslPairLogin login = await pair.LogInAsync("NO-SUCH");

        Assert.Equal(SaslError.MechanismUnavailable, login.ClientReply.Error);
        Assert.Empty(login.Messages);
    }

    [Fact]
    public async Task A_layer_can_be_negotiated_and_used_on_both_sides()
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard, Channel = SaslChannel.Plaintext, Ssf = (1, 1) });
        using SaslPairLogin login = await pair.LogInAsync("DIGEST-MD5");
        using var wire = new SecureBufferWriter();
        using var text = new SecureBufferWriter();

        login.Client.SecurityLayer!.Wrap("a message"u8, wire);

        Assert.True(login.Server.SecurityLayer!.TryUnwrap(wire.WrittenSpan, text));
        Assert.Equal("a message", Encoding.ASCII.GetString(text.WrittenSpan));
    }

    [Fact]
    public async Task Derived_secrets_are_stored_on_request_and_decide()
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard, StoreDerived = true });
        using var found = new PropertySet(new SaslProperty("authPassword"));

        Assert.True(await pair.Store.LookupAsync(new SaslUser("alice", ""), found, default));
        Assert.False(found.IsEmpty);
        using SaslPairLogin login = await pair.LogInAsync("SCRAM-SHA-256");
        Assert.True(login.IsSuccess);
    }

    [Fact]
    public async Task Messages_are_kept_only_where_they_are_wanted()
    {
        using var pair = new SaslPair(new SaslPairOptions { Mechanisms = SaslMechanisms.Standard, KeepMessages = false });

        using SaslPairLogin login = await pair.LogInAsync("PLAIN");

        Assert.True(login.IsSuccess);
        Assert.Empty(login.Messages);
    }

    [Fact]
    public async Task The_guide_sample_runs()
    {
        #region Pair
        using var pair = new SaslPair(new SaslPairOptions
        {
            Mechanisms = SaslMechanisms.Standard,
            UserName = "alice",
            Password = "secret",
            ServerNonces = new FixedNonceSource(1, 2, 3),    // the same conversation every time
            ClientNonces = new FixedNonceSource(4, 5, 6),
        });
        using SaslPairLogin login = await pair.LogInAsync("SCRAM-SHA-256");

        Assert.True(login.IsSuccess);
        Assert.Equal("alice", login.Server.Identity!.Authorized.Name);
        Assert.StartsWith("n,,n=alice,r=", Encoding.UTF8.GetString(login.Messages[0].Octets.Span));
        #endregion
    }

    private static string Written(SaslPairLogin login) =>
        string.Join('\n', login.Messages.Select(static message => $"{(message.FromClient ? "C" : "S")} {Convert.ToHexString(message.Octets.Span)}"));
}
