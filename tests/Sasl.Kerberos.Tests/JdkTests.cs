using Sasl.Testing.Conversations;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The JDK in both directions, with each layer. Its Kerberos is not built on MIT's library.</summary>
[Collection(KdcCollection.Name)]
public sealed class JdkTests(KdcFixture realm)
{
    private static readonly (string Protection, int Ssf)[] s_rows = [("auth", 0), ("auth-int", 1), ("auth-conf", 256)];

    // One test for all rows, because the program is compiled for it.
    [KdcFact("java", "javac")]
    public async Task The_JDK_and_this_library_log_in_to_each_other_with_every_layer()
    {
        JdkPeer jdk = await JdkPeer.CompileAsync(realm.At("java"));
        string[] options =
        [
            $"-Djava.security.krb5.conf={realm.Kdc.ConfigurationFile}", "-Djavax.security.auth.useSubjectCredsOnly=false",
            $"-Djava.security.auth.login.config={await WriteLoginsAsync()}",
        ];
        foreach ((string protection, int ssf) in s_rows)
        {
            using var parties = new Parties(serverMax: 256, clientMax: 256, maxBuffer: 2048);

            await using SamplePeer client = jdk.Start(SampleRole.Client, KerberosMechanisms.GssapiName, protection, options: options);
            using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
            SaslReply served = await JdkConversation.ServeAsync(session, KerberosMechanisms.GssapiName, client);
            Assert.True(served.IsSuccess, $"{protection}: {served} {string.Join(", ", parties.Observer.Diagnostics)}\n{client.Transcript}");
            Assert.Equal("alice", session.Identity!.Authorized.ToString());
            Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
            await JdkConversation.ExchangeAsync(session.SecurityLayer, client);
            session.SecurityLayer?.Dispose();

            await using SamplePeer server = jdk.Start(SampleRole.Server, KerberosMechanisms.GssapiName, protection, options: options);
            using SaslClientSession own = parties.Client.CreateSession(SaslChannel.Plaintext);
            Assert.True(await JdkConversation.LogInAsync(own, server), $"{protection}: {own.FailureDetail}\n{server.Transcript}");
            Assert.Equal(ssf, own.SecurityLayer?.Ssf ?? 0);
            await JdkConversation.ExchangeAsync(own.SecurityLayer, server);
            Assert.Contains($"user alice@{realm.Kdc.Realm} protection {protection}", server.Transcript.ToString(), StringComparison.Ordinal);
            own.SecurityLayer?.Dispose();

            string layer = ssf switch { 0 => "no layer", 1 => "integrity", _ => "confidentiality" };
            InteropLog.Worked(KerberosMechanisms.GssapiName, InteropPeer.OpenJdk, OurSide.Server, layer);
            InteropLog.Worked(KerberosMechanisms.GssapiName, InteropPeer.OpenJdk, OurSide.Client, layer);
        }
    }

    // Where the JDK finds the ticket and the key.
    private async Task<string> WriteLoginsAsync()
    {
        string file = realm.At("jaas.conf");
        await File.WriteAllTextAsync(file, $$"""
            com.sun.security.jgss.initiate {
              com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true ticketCache="{{realm.CacheOf("alice")}}" doNotPrompt=true;
            };
            com.sun.security.jgss.accept {
              com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="{{realm.Kdc.Keytab}}" storeKey=true isInitiator=false
                principal="*" doNotPrompt=true;
            };

            """);
        return file;
    }
}
