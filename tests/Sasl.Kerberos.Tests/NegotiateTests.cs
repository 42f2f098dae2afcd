using System.Collections.Immutable;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The framework's NegotiateAuthentication, which serves where there is no GSS library. On this machine it has one below it.</summary>
[Collection(KdcCollection.Name)]
public sealed class NegotiateTests
{
    [KdcTheory]
    [InlineData(KerberosMechanisms.GssapiName, true, false)]
    [InlineData(KerberosMechanisms.GssapiName, false, true)]
    [InlineData(KerberosMechanisms.GssapiName, true, true)]
    [InlineData(KerberosMechanisms.SpnegoName, true, false)]
    [InlineData(KerberosMechanisms.SpnegoName, true, true)]
    public async Task It_logs_in_without_a_layer(string mechanism, bool isClient, bool isServer)
    {
        using Login login = await LogInAsync(mechanism, isClient, isServer, max: 256);
        Assert.True(login.Succeeded, login.ToString());
        Assert.StartsWith("alice", login.Server.Identity!.Authorized.ToString(), StringComparison.Ordinal);
        Assert.Null(login.Server.SecurityLayer);
        Assert.Null(login.Client.SecurityLayer);
    }

    [KdcFact]
    public async Task A_layer_that_is_required_cannot_be_had()
    {
        using Login login = await LogInAsync(KerberosMechanisms.GssapiName, isClient: true, isServer: false, max: 256, min: 1);
        Assert.False(login.Succeeded);
    }

    [Fact]
    public void GS2_is_missing_with_a_reason_and_so_is_everything_where_a_keytab_is_named()
    {
        ImmutableArray<SaslMechanism> made = Make(negotiate: true);
        Assert.Equal([true, true, false, false], made.Select(static mechanism => mechanism.MissingOnPlatform is null));
        Assert.Equal(KerberosProblem.NotSupported, NegotiateBackend.Instance.ProbeServer(
            new KerberosRequest(new KerberosOptions { Keytab = "/etc/krb5.keytab" }, "sample", "localhost", Negotiates: false)).Problem);
        Assert.Equal(KerberosProblem.NotSupported, NegotiateBackend.Instance.ProbeClient(new KerberosOptions { CredentialCache = "x" }).Problem);
    }

    private static ImmutableArray<SaslMechanism> Make(bool negotiate) =>
        KerberosMechanisms.Create(KerberosOptions.Default, negotiate ? NegotiateBackend.Instance : GssBackend.Instance, whyMissing: null);

    private static async Task<Login> LogInAsync(string mechanism, bool isClient, bool isServer, int max, int min = 0)
    {
        var policy = new SaslPolicy { MaxSsf = max, MinSsf = min, Allow = [mechanism] };
        var server = new SaslServer(new SaslServerOptions { Service = "sample", ServerName = "localhost", Mechanisms = Make(isServer), Policy = policy });
        using var client = new SaslClient(new SaslClientOptions { Service = "sample", ServerName = "localhost", Mechanisms = Make(isClient), Policy = policy });
        var login = new Login(server.CreateSession(SaslChannel.Plaintext), client.CreateSession(SaslChannel.Plaintext));
        await login.GoAsync(mechanism);
        return login;
    }
}
