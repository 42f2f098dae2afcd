using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The JDK in both directions, with each layer.</summary>
[Collection(KdcCollection.Name)]
public sealed class JdkTests(KdcFixture realm)
{
    private static readonly (string Protection, int Ssf)[] s_rows = [("auth", 0), ("auth-int", 1), ("auth-conf", 256)];

    // One test for all rows, because the program is compiled for it.
    [KdcFact("java", "javac")]
    public async Task The_JDK_and_this_library_log_in_to_each_other_with_every_layer()
    {
        await JdkPeer.CompileAsync(realm);
        foreach ((string protection, int ssf) in s_rows)
        {
            using var parties = new Parties(serverMax: 256, clientMax: 256, maxBuffer: 2048);

            await using SamplePeer client = JdkPeer.Start(realm, SampleRole.Client, protection);
            using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
            SaslReply served = await SampleTalk.ServeAsync(session, client);
            Assert.True(served.IsSuccess, $"{protection}: {served} {string.Join(", ", parties.Observer.Diagnostics)}\n{client.Transcript}");
            Assert.Equal("alice", session.Identity!.Authorized.ToString());
            Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
            session.SecurityLayer?.Dispose();

            await using SamplePeer server = JdkPeer.Start(realm, SampleRole.Server, protection);
            using SaslClientSession own = parties.Client.CreateSession(SaslChannel.Plaintext);
            SaslReply done = await SampleTalk.LogInAsync(own, server);
            Assert.True(done.IsSuccess, $"{protection}: {done} {own.FailureDetail}\n{server.Transcript}");
            Assert.Contains($"user alice@{realm.Kdc.Realm} protection {protection}", server.Transcript.ToString(), StringComparison.Ordinal);
            Assert.Equal(ssf, own.SecurityLayer?.Ssf ?? 0);
            own.SecurityLayer?.Dispose();

            string layer = ssf switch { 0 => "no layer", 1 => "integrity", _ => "confidentiality" };
            InteropLog.Worked(KerberosMechanisms.GssapiName, InteropPeer.OpenJdk, OurSide.Server, layer);
            InteropLog.Worked(KerberosMechanisms.GssapiName, InteropPeer.OpenJdk, OurSide.Client, layer);
        }
    }
}
