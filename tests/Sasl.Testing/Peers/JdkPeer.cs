using System.Runtime.CompilerServices;

namespace Sasl.Testing.Peers;

/// <summary>The mechanisms of javax.security.sasl, written anew in Java, in the line protocol of Cyrus SASL's samples. The service is sample on localhost, the user
/// alice. Needs the programs "java" and "javac"; compiled once, which takes a second or two.</summary>
public sealed class JdkPeer
{
    private const string Main = "SaslPeer";
    private static readonly TimeSpan s_compilerLimit = TimeSpan.FromSeconds(90);

    private readonly string _folder;

    private JdkPeer(string folder) => _folder = folder;

    /// <summary>Compiles the program.</summary>
    /// <param name="folder">Gets its classes.</param>
    public static async Task<JdkPeer> CompileAsync(string folder)
    {
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("javac", "-d", folder, Source()) { Limit = s_compilerLimit });
        return new JdkPeer(folder);
    }

    /// <summary>Starts one side.</summary>
    /// <param name="role">Which.</param>
    /// <param name="mechanism">The mechanism's name.</param>
    /// <param name="qop">The only protection it takes: <c>auth</c>, <c>auth-int</c> or <c>auth-conf</c>.</param>
    /// <param name="strength">The only strength it takes: <c>low</c>, <c>medium</c> or <c>high</c>.</param>
    /// <param name="password">Alice's password; of no use to Kerberos.</param>
    /// <param name="options">Options of the Java machine.</param>
    public SamplePeer Start(SampleRole role, string mechanism, string qop, string strength = "high", string password = "", params string[] options) =>
        SamplePeer.Start(role, new PeerCommand("java", [
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", .. options, "-cp", _folder, Main,
            role is SampleRole.Server ? "server" : "client", mechanism, qop, strength, "4096", password,
        ]));

    private static string Source([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Jdk", $"{Main}.java");
}
