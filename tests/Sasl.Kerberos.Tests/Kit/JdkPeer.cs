using System.Runtime.CompilerServices;
using Sasl.Testing.Peers;

namespace Sasl.Kerberos.Tests;

/// <summary>The JDK's own GSSAPI, written anew in Java and not built on MIT's library. Compiled once, which takes a second or two.</summary>
internal static class JdkPeer
{
    private const string Main = "GssapiPeer";

    public static async Task CompileAsync(KdcFixture realm)
    {
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("javac", "-d", realm.At("java"), Source()) { Limit = TimeSpan.FromSeconds(90) });
        await File.WriteAllTextAsync(realm.At("jaas.conf"), $$"""
            com.sun.security.jgss.initiate {
              com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true ticketCache="{{realm.CacheOf("alice")}}" doNotPrompt=true;
            };
            com.sun.security.jgss.accept {
              com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="{{realm.Kdc.Keytab}}" storeKey=true isInitiator=false
                principal="*" doNotPrompt=true;
            };

            """);
    }

    public static SamplePeer Start(KdcFixture realm, SampleRole role, string protection) => SamplePeer.Start(role, new PeerCommand(
        "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", $"-Djava.security.krb5.conf={realm.Kdc.ConfigurationFile}",
        "-Djavax.security.auth.useSubjectCredsOnly=false", $"-Djava.security.auth.login.config={realm.At("jaas.conf")}",
        "-cp", realm.At("java"), Main, role is SampleRole.Server ? "server" : "client", protection, "2048"));

    private static string Source([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, "Jdk", $"{Main}.java");
}
