using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Both mechanisms, client against server, in every situation of the table.</summary>
public sealed class OAuthTableTests
{
    public static TheoryData<string> Names => ["OAUTHBEARER", "XOAUTH2"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_right_token_logs_in_and_says_what_it_grants(string name)
    {
        using var parties = new OAuthParties(name);
        (SaslReply atServer, SaslReply atClient, SaslIdentity? identity, _) = await parties.LogInAsync();
        Assert.True(atServer.IsSuccess && atClient.IsSuccess);
        Assert.Equal("alice", identity!.Authenticated.ToString());
        Assert.Equal("alice", identity.Authorized.ToString());
        Assert.Equal("mail", identity.Token!.Scope);
        Assert.Equal("alice", identity.Token.Claims["sub"]);
        Assert.Equal("TokenTable", parties.Observer.Attempt!.DecidedBy);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_wrong_token_is_refused_on_both_sides(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Tokens.Clear();
        parties.Tokens.Enqueue("other");
        (SaslReply atServer, _, SaslIdentity? identity, string? detail) = await parties.LogInAsync();
        Assert.Equal(SaslError.InvalidCredentials, atServer.Error);
        Assert.Null(identity);
        Assert.Equal("the server says that the access token is not valid", detail);
        Assert.Equal("token not valid", parties.Observer.Diagnostic);
        Assert.Equal("not in the table", parties.Observer.Attempt!.Reason);
        Assert.Equal("alice", parties.Observer.Attempt.UserName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_with_too_little_scope_is_refused_with_the_scope_that_is_needed(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Table.Discovery = new TokenDiscovery { Scope = "smtp \"send\"", OpenIdConfiguration = "https://id.example.com/x" };
        parties.Table.Add("small", TokenVerdict.InsufficientScope());
        parties.Tokens.Clear();
        parties.Tokens.Enqueue("small");
        (SaslReply atServer, _, _, string? detail) = await parties.LogInAsync();
        Assert.Equal(SaslError.InvalidCredentials, atServer.Error);
        Assert.Equal("the server says that the access token's scope does not suffice", detail);
        await parties.LogInAsync();
        Assert.Equal("smtp \"send\"", parties.Requests[1].Refused!.Scope);
        Assert.Equal(name == "XOAUTH2" ? null : "https://id.example.com/x", parties.Requests[1].Refused!.OpenIdConfiguration);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_source_is_told_of_a_refusal_once_and_can_give_a_fresh_token(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Tokens.Clear();
        parties.Tokens.Enqueue("expired");
        parties.Tokens.Enqueue(OAuthParties.Token);
        Assert.False((await parties.LogInAsync()).AtServer.IsSuccess);
        Assert.True((await parties.LogInAsync()).AtServer.IsSuccess);
        Assert.True((await parties.LogInAsync()).AtServer.IsSuccess);
        Assert.Equal([null, name == "XOAUTH2" ? "401" : "invalid_token", null], parties.Requests.Select(static request => request.Refused?.Status));
        Assert.All(parties.Requests, static request => Assert.Equal(("alice", "mail.example.com"), (request.UserName, request.Service.ServerName)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_source_is_told_of_a_refusal_without_a_reason_and_of_nothing_else(string name)
    {
        using var parties = new OAuthParties(name);
        foreach (Action<SaslClientSession> end in (Action<SaslClientSession>[])[static one => one.Abort(), static one => one.ServerRefused(), static one => one.ServerRefused()])
        {
            using SaslClientSession session = parties.Client.CreateSession(OAuthParties.Tls);
            await session.StartAsync([name]);
            if (parties.Requests.Count == 3)
                await session.StepAsync("{\"status\":\"invalid_token\"}"u8.ToArray());
            end(session);
            session.ServerRefused();    // nothing is under way any more
        }
        await parties.LogInAsync();
        Assert.Equal(
            [null, null, new SaslTokenRefusal(null, null, null), new SaslTokenRefusal("invalid_token", null, null)],
            parties.Requests.Select(static request => request.Refused));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_client_erases_every_token_it_was_given(string name)
    {
        using var parties = new OAuthParties(name);
        await parties.LogInAsync();
        Assert.Throws<ObjectDisposedException>(() => Assert.Single(parties.Given).Memory);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_validator_that_cannot_say_is_a_temporary_failure_without_a_reason_for_the_peer(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Table.Add("later", TokenVerdict.Unavailable("the issuer is down"));
        parties.Tokens.Clear();
        parties.Tokens.Enqueue("later");
        (SaslReply atServer, _, _, string? detail) = await parties.LogInAsync();
        Assert.Equal(SaslError.TemporaryFailure, atServer.Error);
        Assert.Null(detail);
        Assert.Equal("the issuer is down", parties.Observer.Attempt!.Reason);
        await parties.LogInAsync();
        Assert.Null(parties.Requests[1].Refused);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_validator_that_throws_is_a_temporary_failure(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Table.Throws = new IOException("gone");
        Assert.Equal(SaslError.TemporaryFailure, (await parties.LogInAsync()).AtServer.Error);
        Assert.Equal("gone", parties.Observer.Thrown!.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Whoever_claims_to_be_somebody_else_is_refused(string name)
    {
        using var parties = new OAuthParties(name, user: "bob");
        (SaslReply atServer, _, SaslIdentity? identity, _) = await parties.LogInAsync();
        Assert.Equal(SaslError.NotAuthorized, atServer.Error);
        Assert.Null(identity);
        Assert.Equal("alice", parties.Observer.Attempt!.UserName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Whoever_may_act_as_another_names_it(string name)
    {
        using var parties = new OAuthParties(name, authzid: "bob", authorizer: new Anybody());
        SaslIdentity identity = (await parties.LogInAsync()).Identity!;
        Assert.Equal(("alice", "bob"), (identity.Authenticated.ToString(), identity.Authorized.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_whose_user_cannot_be_anyone_is_refused(string name)
    {
        using var parties = new OAuthParties(name);
        parties.Table.Add("odd", TokenVerdict.Valid(new TokenGrant("a\u0007b")));
        parties.Tokens.Clear();
        parties.Tokens.Enqueue("odd");
        Assert.Equal(SaslError.InvalidCredentials, (await parties.LogInAsync()).AtServer.Error);
        Assert.Equal("the token's user cannot be anyone", parties.Observer.Diagnostic);
    }

    [Theory]
    [InlineData("OAUTHBEARER", "", "no bearer token")]
    [InlineData("OAUTHBEARER", "a b", "no bearer token")]
    [InlineData("OAUTHBEARER", "a\u0001auth=Bearer b", "no bearer token")]
    [InlineData("XOAUTH2", "token\n", "no bearer token")]
    public async Task What_cannot_be_a_token_is_not_sent(string name, string token, string reason)
    {
        using var parties = new OAuthParties(name);
        parties.Tokens.Clear();
        parties.Tokens.Enqueue(token);
        (_, SaslReply atClient, _, string? detail) = await parties.LogInAsync();
        Assert.Equal(SaslError.InvalidCredentials, atClient.Error);
        Assert.Contains(reason, detail, StringComparison.Ordinal);
        Assert.Equal(0, parties.Table.Asked);
    }

    [Theory]
    [InlineData("XOAUTH2", "a\u0001auth=Bearer x")]
    [InlineData("XOAUTH2", "a\0")]
    [InlineData("OAUTHBEARER", "a\0")]
    public async Task A_name_cannot_smuggle_a_field(string name, string user)
    {
        using var parties = new OAuthParties(name, user);
        Assert.Equal(SaslError.InvalidCredentials, (await parties.LogInAsync()).AtClient.Error);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Neither_is_offered_outside_TLS(string name)
    {
        using var parties = new OAuthParties(name);
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        Assert.DoesNotContain(session.Mechanisms, mechanism => mechanism.Name == name);
        Assert.Contains(session.Explain().Entries, entry => entry.Mechanism == name && entry.Reason is SelectionReason.NoTls);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_client_gives_no_token_away_outside_TLS(string name)
    {
        using var parties = new OAuthParties(name);
        using SaslClientSession session = parties.Client.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync([name])).Error);
        Assert.Empty(parties.Requests);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_a_validator_neither_is_offered_and_the_report_says_so(string name)
    {
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", ServerName = "x", Mechanisms = SaslMechanisms.Standard, CredentialStore = new MemoryCredentialStore(),
        });
        Assert.Contains(server.Explain(OAuthParties.Tls).Entries, entry => entry.Mechanism == name && entry.Reason is SelectionReason.NoTokenValidator);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Success_after_a_refusal_is_not_believed(string name)
    {
        using var parties = new OAuthParties(name);
        using SaslClientSession session = parties.Client.CreateSession(OAuthParties.Tls);
        await session.StartAsync([name]);
        await session.StepAsync("{\"status\":\"invalid_token\"}"u8.ToArray());
        SaslReply end = await session.CompleteAsync();
        Assert.Equal(SaslError.Malformed, end.Error);
        Assert.False(session.IsAuthenticated);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_server_that_goes_on_after_a_refusal_hears_no_more(string name)
    {
        using var parties = new OAuthParties(name);
        using SaslClientSession session = parties.Client.CreateSession(OAuthParties.Tls);
        await session.StartAsync([name]);
        await session.StepAsync("{}"u8.ToArray());
        Assert.Equal("the server refused the access token", session.FailureDetail);
        Assert.Equal(SaslError.Malformed, (await session.StepAsync("{}"u8.ToArray())).Error);
        Assert.Single(parties.Requests);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_source_that_throws_is_the_callers_matter(string name)
    {
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "x", Mechanisms = SaslMechanisms.Standard, UserName = "alice",
            AccessToken = static (_, _) => throw new IOException("no network"),
        });
        using SaslClientSession session = client.CreateSession(OAuthParties.Tls);
        await Assert.ThrowsAsync<IOException>(() => session.StartAsync([name]).AsTask());
    }

    [Fact]
    public async Task XOAUTH2_needs_a_user_name_and_OAUTHBEARER_does_not()
    {
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "x", Mechanisms = SaslMechanisms.Standard, AccessToken = static (_, _) => new(SaslSecret.FromText("t")),
        });
        using SaslClientSession session = client.CreateSession(OAuthParties.Tls);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync(["XOAUTH2"])).Error);
        SaslReply reply = await session.StartAsync(["XOAUTH2", "OAUTHBEARER"]);
        Assert.Equal("n,,\x01host=x\x01" + "auth=Bearer t\x01\x01", Encoding.ASCII.GetString(reply.Message!.Value.Span));
    }

    [Fact]
    public async Task An_abandoned_refusal_is_still_told_to_the_observer()
    {
        using var parties = new OAuthParties("OAUTHBEARER");
        using (SaslServerSession session = parties.Server.CreateSession(OAuthParties.Tls))
            Assert.True((await session.StartAsync("OAUTHBEARER", "n,a=bob,\u0001auth=Bearer wrong\u0001\u0001"u8.ToArray())).NeedsMore);
        Assert.Equal(SaslError.Aborted, parties.Observer.Error);
        Assert.Equal(("bob", "TokenTable", "not in the table"), (parties.Observer.Attempt!.UserName, parties.Observer.Attempt.DecidedBy, parties.Observer.Attempt.Reason));
    }

    private sealed class Anybody : IAuthorizer
    {
        public ValueTask<bool> MayActAsAsync(SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken) => new(true);
    }
}
