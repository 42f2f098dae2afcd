namespace Sasl.Testing.Peers;

/// <summary>
/// Accounts that exist for one program only: libnss-wrapper gives it /etc/passwd, /etc/group and /etc/shadow of its own, and libpam-wrapper
/// its own /etc/pam.d. Nothing below /etc is written. User alice, password secret.
/// </summary>
public sealed class WrappedAccounts
{
    /// <summary>The user.</summary>
    public const string User = "alice";

    /// <summary>The user's password.</summary>
    public const string Password = "secret";

    // crypt(3), SHA-512, of the password above.
    private const string Hash = "$6$saltsaltsalt$PMWE8DTlam1JU37Piyk43bHcMxTJq6sgu5DKB0/tGPjanN35jcY68QkpDfPFUGPWX5uCxIQkSPzMmqEiVNgts.";
    private const string UserId = "40001";

    private readonly Dictionary<string, string> _environment;

    private WrappedAccounts(Dictionary<string, string> environment) => _environment = environment;

    /// <summary>What has to be in the environment of the program.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Writes the files.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="shadowed">Whether the hash is in the file that only root reads, as on any system, or in passwd, where getpwent looks.</param>
    /// <param name="service">The service whose PAM file there is; every other has none.</param>
    /// <param name="pamPassword">What PAM takes for the password.</param>
    public static WrappedAccounts Write(PrivateDirectory directory, bool shadowed, string service = "smtp", string pamPassword = Password)
    {
        string passwd = directory.Write(
            "accounts/passwd", $"{File.ReadAllText("/etc/passwd")}{User}:{(shadowed ? "x" : Hash)}:{UserId}:{UserId}::/nonexistent:/bin/sh\n");
        string group = directory.Write("accounts/group", $"{File.ReadAllText("/etc/group")}{User}:x:{UserId}:\n");
        string shadow = directory.Write("accounts/shadow", $"{User}:{Hash}:19000:0:99999:7:::\n");
        string matrix = directory.Write("accounts/matrix", $"{User}:{pamPassword}:{service}\n");
        string module = PeerPrograms.LocateFile("/usr/lib/*/pam_wrapper/pam_matrix.so", "/usr/lib64/pam_wrapper/pam_matrix.so", "/usr/lib/pam_wrapper/pam_matrix.so");
        directory.Write($"accounts/pam/{service}", $"auth required {module} passdb={matrix}\naccount required {module} passdb={matrix}\n");
        return new WrappedAccounts(new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = "libnss_wrapper.so libpam_wrapper.so",
            ["NSS_WRAPPER_PASSWD"] = passwd,
            ["NSS_WRAPPER_GROUP"] = group,
            ["NSS_WRAPPER_SHADOW"] = shadow,
            ["PAM_WRAPPER"] = "1",
            ["PAM_WRAPPER_SERVICE_DIR"] = directory.At("accounts", "pam"),
        });
    }
}
