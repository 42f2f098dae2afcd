using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>GNU SASL in both directions, without a layer, which its program has none of.</summary>
[Collection(KdcCollection.Name)]
public sealed class GnuSaslTests(KdcFixture realm)
{
    public static TheoryData<string> Mechanisms => [KerberosMechanisms.GssapiName, KerberosMechanisms.Gs2Name];

    [KdcTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    public async Task Our_client_logs_in_to_its_server_with_a_ticket_only(string mechanism)
    {
        using var parties = new Parties();
        await using GsaslPeer server = await GsaslPeer.StartServerAsync(Options(mechanism));
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        SaslReply said = await client.StartAsync([mechanism]);
        Assert.Empty(await server.ReceiveAsync() ?? [0]);    // the client begins
        await server.SendAsync(said.Message!.Value);
        while (!client.IsFinished && await server.ReceiveAsync() is { } challenge)
        {
            said = await client.StepAsync(challenge);
            Assert.True(said.Status is not SaslStatus.Failure, client.FailureDetail);
            await server.SendAsync(said.Message ?? default);
        }
        (bool trusts, PeerResult result) = await server.FinishAsync(asksForUser: mechanism == KerberosMechanisms.GssapiName);
        Assert.True(trusts && (await client.CompleteAsync()).IsSuccess, result.Transcript);

        using var nobody = new Parties(client: new KerberosOptions { CredentialCache = realm.At("ccache-none") });
        using SaslClientSession refused = nobody.Client.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.InvalidCredentials, (await refused.StartAsync([mechanism])).Error);
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Client, "no layer");
    }

    [KdcTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    public async Task Its_client_logs_in_to_our_server_with_a_ticket_only(string mechanism)
    {
        using var parties = new Parties(serverMax: 256);
        (SaslReply end, string? user) = await ServeAsync(parties, Options(mechanism));
        Assert.True(end.IsSuccess, $"{end} {string.Join(", ", parties.Observer.Diagnostics)}");
        Assert.Equal("alice", user);
        (end, user) = await ServeAsync(parties, Options(mechanism, "ccache-none"));
        Assert.False(end.IsSuccess);
        Assert.Null(user);
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Server, "no layer");
    }

    private static async Task<(SaslReply End, string? User)> ServeAsync(Parties parties, GsaslOptions options)
    {
        await using GsaslPeer client = await GsaslPeer.StartClientAsync(options);
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        if (await client.ReceiveAsync() is not { } first)
            return default;
        SaslReply reply = await session.StartAsync(options.Mechanism, first);
        while (reply.NeedsMore)
        {
            await client.SendAsync(reply.Message!.Value);
            reply = await client.ReceiveAsync() is { } answer ? await session.StepAsync(answer) : session.Abort();
        }
        Assert.Null(session.SecurityLayer);
        return (reply, session.Identity?.Authorized.ToString());
    }

    private GsaslOptions Options(string mechanism, string cache = "ccache-alice") => new(mechanism)
    {
        Service = "sample",
        ActAs = "alice",
        Environment = new Dictionary<string, string>(realm.Kdc.Environment) { ["KRB5CCNAME"] = $"FILE:{realm.At(cache)}" },
    };
}
