using Sasl.Testing.Peers;

namespace Sasl.Mechanisms.Tests;

/// <summary>
/// Programs with Cyrus SASL's plug-ins for SRP and PASSDSS-3DES-1, which Debian does not build: tests/cyrus-plugins/build.sh makes them of Debian's source.
/// Without them the tests play what was said when they were there.
/// </summary>
internal static class CyrusPlugins
{
    /// <summary>How many messages each side sends.</summary>
    public const int Messages = 3;

    /// <summary>The environment variable that names the folder they are in.</summary>
    public const string Variable = "SASL_CYRUS_PLUGINS";

    public static string? Folder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Starts a server or a client with alice's password secret, or another for a client, and a layer of one strength.</summary>
    public static SamplePeer Start(SampleRole role, string mechanism, int ssf, string configuration, string password = "secret") => SamplePeer.Start(role, new PeerCommand(
        Path.Combine(Folder!, "many"),
        [role is SampleRole.Server ? "server" : "client", Folder!, mechanism, $"{ssf}", $"{ssf}", $"{Messages}"])
    {
        LineBuffered = true,
        Environment = new Dictionary<string, string>
        {
            ["SASL_CONF_PATH"] = configuration,
            ["PW"] = password,
            ["OPENSSL_CONF"] = Path.Combine(Folder!, "openssl.cnf"),
        },
    });
}
