namespace Sasl.Testing.Peers;

/// <summary>
/// A passwd and a shadow file, and services of PAM, that a process sees in place of the machine's, in a mount namespace of its own. The
/// machine's files are neither read nor written. Needs the program "unshare", and root.
/// </summary>
public sealed class PrivateAccounts : IDisposable
{
    private const string Script = "mount --bind \"$1\" /etc/passwd && mount --bind \"$2\" /etc/shadow && mount --bind \"$3\" /etc/pam.d && shift 3 && exec \"$@\"";
    private const int FirstUser = 5000;

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("accounts");
    private readonly List<string> _passwd = ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/nonexistent:/bin/false"];
    private readonly List<string> _shadow = ["root:*:19000:0:99999:7:::"];

    /// <summary>The folder of the files, for others that belong to the test.</summary>
    public PrivateDirectory Folder => _directory;

    /// <summary>Adds an account whose hash is in shadow.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="hash">Its password field.</param>
    /// <param name="aging">The other fields: last change, minimum, maximum, warning, inactive, expire, reserved.</param>
    public PrivateAccounts Add(string name, string hash, string aging = "19000:0:99999:7:::")
    {
        _shadow.Add($"{name}:{hash}:{aging}");
        return AddWithoutShadow(name, "x");
    }

    /// <summary>Adds an account that shadow does not have.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="hash">Its password field in passwd.</param>
    public PrivateAccounts AddWithoutShadow(string name, string hash)
    {
        _passwd.Add($"{name}:{hash}:{FirstUser + _passwd.Count}:65534::/nonexistent:/bin/false");
        return this;
    }

    /// <summary>Adds a line to shadow without an account in passwd.</summary>
    public PrivateAccounts AddShadowOnly(string name, string hash)
    {
        _shadow.Add($"{name}:{hash}:19000:0:99999:7:::");
        return this;
    }

    /// <summary>Adds a service of PAM. Without any, PAM refuses everybody.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="lines">What its file says.</param>
    public PrivateAccounts AddPamService(string service, params string[] lines)
    {
        _directory.Write($"pam.d/{service}", string.Join('\n', lines) + "\n");
        return this;
    }

    /// <summary>The same command, among these accounts.</summary>
    public PeerCommand Wrap(PeerCommand command)
    {
        string passwd = _directory.Write("passwd", string.Join('\n', _passwd) + "\n");
        string shadow = _directory.Write("shadow", string.Join('\n', _shadow) + "\n");
        Unix.SetMode(shadow, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string services = Directory.CreateDirectory(_directory.At("pam.d")).FullName;
        string program = Path.IsPathRooted(command.Program) ? command.Program : PeerPrograms.Locate(command.Program);
        return command with
        {
            Program = "unshare",
            Arguments = ["--mount", "/bin/sh", "-c", Script, "sh", passwd, shadow, services, program, .. command.Arguments],
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
