namespace Sasl.Testing.Peers;

/// <summary>Makes sasldb2 files with Cyrus's own saslpasswd2 (Berkeley DB on Debian).</summary>
public static class CyrusDatabase
{
    /// <summary>Sets the password of a user; makes the file where there is none.</summary>
    /// <param name="file">The sasldb2 file.</param>
    /// <param name="user">The user name.</param>
    /// <param name="password">The password, stored in clear text.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="environment">Further environment variables.</param>
    public static Task SetPasswordAsync(
        string file, string user, string password, string realm = "localhost", IReadOnlyDictionary<string, string>? environment = null) =>
        PeerProcess.RunSuccessfullyAsync(new PeerCommand("saslpasswd2", "-f", file, "-c", "-p", "-u", realm, user)
        {
            Input = password,
            Environment = new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["SASL_CONF_PATH"] = Path.GetDirectoryName(file)! },
        });

    /// <summary>What sasldblistusers2 prints about a file.</summary>
    public static Task<string> ListAsync(string file) =>
        PeerProcess.RunSuccessfullyAsync(new PeerCommand("sasldblistusers2", "-f", file)
        {
            Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = Path.GetDirectoryName(file)! },
        });
}
