using System.Globalization;

namespace Sasl.Testing.Peers;

/// <summary>Hashes that the system's own crypt(3) makes, through Python. Needs the program "python3".</summary>
public static class SystemCrypt
{
    // Lines of "password in hexadecimal, space, setting" in, hashes out. Python's own crypt is gone since 3.13.
    private const string Program =
        "import ctypes,sys\n"
        + "c=ctypes.CDLL('libcrypt.so.1'); c.crypt.restype=ctypes.c_char_p\n"
        + "for line in sys.stdin:\n"
        + "  p,s=line.split(); h=c.crypt(bytes.fromhex(p),s.encode()); print('' if h is None else h.decode())\n";

    /// <summary>One setting for each kind of hash that systems have had in their files: method, cost and salt.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["yescrypt"] = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1",
        ["gost-yescrypt"] = "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1",
        ["scrypt"] = "$7$CU..../....F5Jx5fExrKuPp53xLKQ..1",
        ["bcrypt"] = "$2b$05$abcdefghijklmnopqrstuu",
        ["sha512crypt"] = "$6$saltsaltsaltsalt$",
        ["sha512crypt-rounds"] = "$6$rounds=10000$saltsaltsaltsalt$",
        ["sha256crypt"] = "$5$saltsaltsaltsalt$",
        ["md5crypt"] = "$1$saltsalt$",
        ["bsdi-des"] = "_J9..salt",
        ["des"] = "ab",
    };

    /// <summary>Hashes passwords, all in one process; null where the system does not know the method.</summary>
    /// <param name="pairs">Passwords and settings.</param>
    public static async Task<IReadOnlyList<string?>> HashAsync(params IReadOnlyList<(byte[] Password, string Setting)> pairs)
    {
        string[] input = [.. pairs.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(pair.Password)} {pair.Setting}\n"))];
        string output = await PeerProcess.RunSuccessfullyAsync(new PeerCommand("python3", "-c", Program) { Input = string.Concat(input) });
        string[] lines = output.ReplaceLineEndings("\n").Split('\n');
        return [.. lines.Take(pairs.Count).Select(static line => line.Length == 0 || line[0] == '*' ? null : line)];
    }
}
