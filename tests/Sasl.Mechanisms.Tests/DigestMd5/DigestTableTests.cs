using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Our client against our server: who gets in, and with which protection.</summary>
public sealed class DigestTableTests
{
    [Theory]
    [InlineData(0, 0, 0, "qop=auth,")]
    [InlineData(256, 0, 0, "qop=auth,")]
    [InlineData(0, 256, 0, "qop=auth,")]
    [InlineData(1, 256, 1, "qop=auth-int,")]
    [InlineData(256, 1, 1, "qop=auth-int,")]
    [InlineData(256, 40, 40, "cipher=rc4-40,")]
    [InlineData(56, 256, 56, "cipher=rc4-56,")]
    [InlineData(55, 256, 55, "cipher=des,")]
    [InlineData(256, 112, 112, "cipher=3des,")]
    [InlineData(256, 256, 128, "cipher=rc4,")]
    public async Task The_strongest_protection_that_both_allow_is_used(int serverMax, int clientMax, int ssf, string chosen)
    {
        using var parties = new DigestParties(serverMax, clientMax);
        using DigestRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded, string.Join('\n', run.Said));
        Assert.Contains(chosen, run.Said[2], StringComparison.Ordinal);
        Assert.Equal(ssf, run.Server.SecurityLayer?.Ssf ?? 0);
        Assert.Equal(ssf, run.Client.SecurityLayer?.Ssf ?? 0);
        if (ssf > 0)
            await LayerChecks.CarryBothWaysAsync(run.Server.SecurityLayer!, run.Client.SecurityLayer!);
    }

    [Theory]
    [InlineData("alice", "pencil", "pencil", true)]
    [InlineData("alice", "pencil", "Pencil", false)]
    [InlineData("alice", "pencil", "", false)]
    [InlineData("al\"i\\ce", "pen\"cil\\", "pen\"cil\\", true)]
    [InlineData("zoë", "grün", "grün", true)]
    [InlineData("zoë", "grün", "grun", false)]
    [InlineData("Ω", "пароль", "пароль", true)]
    [InlineData("Ω", "grün", "grün", true)]
    public async Task The_password_decides(string user, string stored, string password, bool accepted)
    {
        using var parties = new DigestParties(user: user, stored: stored, password: password);
        using DigestRun run = await parties.LogInAsync();
        Assert.Equal(accepted, run.Succeeded);
        Assert.Equal(accepted ? SaslError.None : SaslError.InvalidCredentials, run.ServerEnd.Error);
        if (accepted)
            Assert.Equal(user, run.Server.Identity!.Authorized.Name);
    }

    [Fact]
    public async Task The_digest_that_Cyrus_SASL_stores_is_enough_and_comes_before_a_password_that_was_left()
    {
        using var parties = new DigestParties(realm: "example.com", stored: "left over");
        IReadOnlyList<SaslPropertyValue> secrets = SaslMechanisms.DigestMd5.DeriveSecrets!(new SaslUser("alice", "example.com"), "pencil"u8);
        Assert.Equal("cmusaslsecretDIGEST-MD5", Assert.Single(secrets).Name);
        parties.Store.Add(new SaslUser("alice", "example.com"), secrets[0].Name, secrets[0].Value!.Value.Span);
        using DigestRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded);
    }

    [Fact]
    public void Nothing_is_derived_without_a_realm_because_it_is_part_of_the_digest() =>
        Assert.Equal([SaslPropertyValue.Removed("cmusaslsecretDIGEST-MD5")], SaslMechanisms.DigestMd5.DeriveSecrets!(new SaslUser("alice", ""), "pencil"u8));

    [Fact]
    public async Task A_digest_is_of_no_use_under_another_spelling_of_the_name()
    {
        using var parties = new DigestParties(realm: "example.com", clientRealm: "other.example", stored: "else");
        IReadOnlyList<SaslPropertyValue> secrets = SaslMechanisms.DigestMd5.DeriveSecrets!(new SaslUser("alice", "example.com"), "pencil"u8);
        parties.Store.Add(new SaslUser("alice", "other.example"), secrets[0].Name, secrets[0].Value!.Value.Span);
        using DigestRun run = await parties.LogInAsync();
        Assert.Equal(SaslError.InvalidCredentials, run.ServerEnd.Error);
    }

    [Fact]
    public async Task The_realm_that_the_client_names_is_the_users()
    {
        using var parties = new DigestParties(realm: "example.com", clientRealm: "other.example");
        parties.Store.Add(new SaslUser("alice", "other.example"), "userPassword", "pencil"u8);
        using DigestRun run = await parties.LogInAsync();
        Assert.Equal(new SaslUser("alice", "other.example"), run.Server.Identity!.Authenticated);
    }

    [Fact]
    public async Task An_authorization_id_is_part_of_the_proof_and_is_asked_for()
    {
        using var parties = new DigestParties(authzid: "bob");
        using DigestRun run = await parties.LogInAsync();
        Assert.Contains("authzid=\"bob\"", run.Said[2], StringComparison.Ordinal);
        Assert.Equal(SaslError.NotAuthorized, run.ServerEnd.Error);
    }

    [Fact]
    public async Task An_authorization_id_that_says_nothing_new_is_not_sent()
    {
        using var parties = new DigestParties(authzid: "alice");
        using DigestRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded);
        Assert.DoesNotContain("authzid", run.Said[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_users_and_wrong_passwords_are_told_apart_by_nobody_outside()
    {
        using var known = new DigestParties(password: "wrong");
        using DigestRun wrong = await known.LogInAsync();
        using var empty = new DigestParties(password: "wrong");
        await empty.Store.RemoveAsync(new SaslUser("alice", ""), default);
        using DigestRun unknown = await empty.LogInAsync();
        Assert.Equal(wrong.ServerEnd.Error, unknown.ServerEnd.Error);
        Assert.Equal(wrong.Said.Count, unknown.Said.Count);
    }

    [Theory]
    [InlineData(SaslStatus.Success, "")]
    [InlineData(SaslStatus.Failure, "rspauth=00000000000000000000000000000000")]
    public async Task The_client_believes_no_server_without_its_proof(SaslStatus lie, string proof)
    {
        using var parties = new DigestParties();
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        await client.StartAsync([DigestParties.Name]);
        SaslReply challenge = await server.StartAsync(DigestParties.Name);
        await client.StepAsync(challenge.Message!.Value);
        SaslReply end = lie is SaslStatus.Success
            ? await client.CompleteAsync(null)
            : await client.StepAsync(Encoding.ASCII.GetBytes(proof));
        Assert.Equal(SaslError.ServerNotAuthentic, end.Error);
    }
}
