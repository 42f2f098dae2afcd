using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Client;

public sealed class ClientAgainstServerTests
{
    public static TheoryData<string, bool> Everything()
    {
        var data = new TheoryData<string, bool>();
        foreach (SaslMechanism mechanism in SaslMechanisms.Standard)
        {
            data.Add(mechanism.Name, true);
            if (mechanism.ClientNeeds.HasFlag(SaslClientNeeds.Password) || mechanism.ClientNeeds.HasFlag(SaslClientNeeds.AccessToken))
                data.Add(mechanism.Name, false);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Client_logs_in_with_the_right_password_and_only_with_that(string name, bool right)
    {
        SaslMechanism mechanism = SaslMechanisms.Standard.Single(candidate => candidate.Name == name);
        SaslChannel channel = TestServer.Tls with
        {
            ExternalIdentity = TestAccounts.User,
            Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, "the keying material of a test"u8.ToArray())),
        };
        using SmtpAuthServer server = TestServer.Make(channel, mechanisms: [mechanism]);
        using SmtpAuthClient client = TestClient.Make(right ? TestAccounts.Password : "wrong", channel, mechanisms: [mechanism]);
        var pipe = new LinePipe();

        Task<SmtpAuthResult> login = client.RunAsync(
            SmtpAuthClient.MechanismsIn(["250-" + server.Capability]), pipe.ClientWrites, pipe.ClientReads).AsTask();
        ReadOnlyMemory<byte>? command = await pipe.ServerReads(default);
        Assert.True(SmtpAuthServer.IsAuthCommand(command!.Value, out ReadOnlyMemory<byte> argument));
        SaslIdentity? identity = await server.RunAsync(argument, pipe.ServerWrites, pipe.ServerReads);
        SmtpAuthResult result = await login;

        Assert.Equal(right, result.IsSuccess);
        Assert.Equal(right, identity is not null);
        Assert.Equal(name, result.Mechanism);
        Assert.Equal(right ? 235 : 535, result.ReplyCode);
        Assert.Equal(!right, result.CredentialsRefused);
        Assert.Equal(identity, server.Identity);
        Assert.False(result.MustDisconnect);
        Assert.Equal(!right && mechanism.ClientNeeds.HasFlag(SaslClientNeeds.AccessToken) ? "the server says that the access token is not valid" : null, result.Detail);
        Assert.Equal(right && mechanism.RequiresChannelBinding ? SaslChannelBindings.TlsExporter : null, identity?.ChannelBinding);
    }
}
