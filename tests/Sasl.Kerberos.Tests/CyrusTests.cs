using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>Cyrus SASL's sample programs, with Debian's GSSAPI and GS2 plug-ins, in both directions.</summary>
[Collection(KdcCollection.Name)]
public sealed class CyrusTests(KdcFixture realm) : IAsyncLifetime
{
    private CyrusSample? _cyrus;

    public static TheoryData<string, int, int> Rows { get; } = new()
    {
        { KerberosMechanisms.GssapiName, 0, 0 },
        { KerberosMechanisms.GssapiName, 1, 1 },
        { KerberosMechanisms.GssapiName, 128, 1 },
        { KerberosMechanisms.GssapiName, 256, 256 },
        { KerberosMechanisms.SpnegoName, 0, 0 },
        { KerberosMechanisms.SpnegoName, 1, 1 },
        { KerberosMechanisms.SpnegoName, 256, 256 },
        { KerberosMechanisms.Gs2Name, 256, 0 },
    };

    // Cyrus SASL 2.1.28's client promises encryption in SPNEGO where it is held to integrity, so that no server can know.
    public static TheoryData<string, int, int> RowsOfTheirClient
    {
        get
        {
            var rows = new TheoryData<string, int, int>();
            foreach (object[] row in Rows.Where(static row => !(row is [KerberosMechanisms.SpnegoName, 1, ..])))
                rows.Add((string)row[0], (int)row[1], (int)row[2]);
            return rows;
        }
    }

    private CyrusSample Cyrus => _cyrus!;

    public async Task InitializeAsync()
    {
        if (PeerPrograms.WhatIsMissing("sasl-sample-server", "sasl-sample-client", "saslpasswd2") is null)
            _cyrus = await CyrusSample.StartAsync("GSSAPI GSS-SPNEGO GS2-KRB5");
    }

    public async Task DisposeAsync()
    {
        if (_cyrus is not null)
            await _cyrus.DisposeAsync();
    }

    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [MemberData(nameof(Rows))]
    public async Task Our_client_logs_in_to_Cyrus_SASL(string mechanism, int max, int ssf)
    {
        using var parties = new Parties(clientMax: max, maxBuffer: 2048);
        await using SamplePeer server = Cyrus.StartServer(Options(mechanism) with { Strength = $"max={max}" });
        using SaslClientSession session = parties.Client.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.LogInAsync(session, server);
        Assert.True(end.IsSuccess, $"{end} {session.FailureDetail}\n{server.Transcript}");
        Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
        Assert.Contains("Username: alice", server.Transcript.ToString(), StringComparison.Ordinal);
        Assert.Contains($"SSF: {ssf}", server.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();

        using var nobody = new Parties(client: new KerberosOptions { CredentialCache = realm.At("empty") });
        await using SamplePeer again = Cyrus.StartServer(Options(mechanism));
        using SaslClientSession refused = nobody.Client.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.InvalidCredentials, (await SampleTalk.LogInAsync(refused, again)).Error);
        InteropLog.Worked(mechanism, InteropPeer.CyrusSample, OurSide.Client, LayerName(ssf));
    }

    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [MemberData(nameof(RowsOfTheirClient))]
    public async Task Cyrus_SASLs_client_logs_in_to_our_server(string mechanism, int max, int ssf)
    {
        using var parties = new Parties(serverMax: 256, maxBuffer: 2048);
        await using SamplePeer client = Cyrus.StartClient(Options(mechanism) with { Strength = $"max={max}" });
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.ServeAsync(session, client);
        Assert.True(end.IsSuccess, $"{end} {string.Join(", ", parties.Observer.Diagnostics)}\n{client.Transcript}");
        Assert.Equal("alice", session.Identity!.Authorized.ToString());
        Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
        Assert.Contains("recieved decoded message 'srv message 1'", client.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();

        await using SamplePeer wrong = Cyrus.StartClient(Options(mechanism) with { Service = "imap" });
        using SaslServerSession refused = parties.Server.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.InvalidCredentials, (await SampleTalk.ServeAsync(refused, wrong)).Error);
        InteropLog.Worked(mechanism, InteropPeer.CyrusSample, OurSide.Server, LayerName(ssf));
    }

    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(256)]
    public async Task Cyrus_SASLs_client_gets_the_layers_that_our_server_allows(int max)
    {
        using var parties = new Parties(serverMax: max, maxBuffer: 2048);
        await using SamplePeer client = Cyrus.StartClient(Options(KerberosMechanisms.GssapiName));
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.ServeAsync(session, client);
        Assert.True(end.IsSuccess, $"{end}\n{client.Transcript}");
        Assert.Equal(max < 256 ? 1 : 256, session.SecurityLayer!.Ssf);
        session.SecurityLayer.Dispose();
    }

    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(KerberosMechanisms.GssapiName)]
    [InlineData(KerberosMechanisms.SpnegoName)]
    public async Task Cyrus_SASLs_client_passes_its_tickets_on(string mechanism)
    {
        string store = realm.At($"delegated-%U-{mechanism}");
        var said = new List<string>();
        using var parties = new Parties(server: new KerberosOptions { CcacheStore = store, Warn = said.Add });
        await using SamplePeer client = Cyrus.StartClient(Options(mechanism, "root") with { Flags = "passcred", User = "root", ActAs = "root", Strength = "max=0" });
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.ServeAsync(session, client);
        Assert.True(end.IsSuccess, $"{end}\n{client.Transcript}");
        Assert.Empty(said);
        using SaslDelegatedCredential? delegated = session.DelegatedCredential;
        Assert.Equal($"root@{realm.Kdc.Realm}", Assert.IsType<KerberosDelegatedCredential>(delegated).Principal);
        Assert.True(File.Exists(realm.At($"delegated-root-{mechanism}")));
    }

    [KdcFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task With_ad_compat_Cyrus_SASLs_client_chooses_both_bits_and_so_does_ours()
    {
        Cyrus.Configure("mech_list: GSSAPI\nad_compat: yes\n");
        using var parties = new Parties(serverMax: 256, clientMax: 256, maxBuffer: 2048, server: new KerberosOptions { AdCompat = true }, client: new KerberosOptions { AdCompat = true });
        await using SamplePeer client = Cyrus.StartClient(Options(KerberosMechanisms.GssapiName));
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.ServeAsync(session, client);
        Assert.True(end.IsSuccess, $"{end} {string.Join(", ", parties.Observer.Diagnostics)}\n{client.Transcript}");
        Assert.Equal(256, session.SecurityLayer!.Ssf);
        session.SecurityLayer.Dispose();
    }

    private static string LayerName(int ssf) => ssf switch { 0 => "no layer", 1 => "integrity", _ => "confidentiality" };

    private CyrusSampleOptions Options(string mechanism, string user = "alice") => new()
    {
        Mechanism = mechanism,
        User = user,
        Environment = new Dictionary<string, string>(realm.Kdc.Environment) { ["KRB5CCNAME"] = $"FILE:{realm.CacheOf(user)}" },
    };
}
