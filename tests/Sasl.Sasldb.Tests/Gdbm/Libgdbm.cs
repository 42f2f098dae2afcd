using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>GDBM's own programs, and Python's module for it: libgdbm itself.</summary>
internal static class Libgdbm
{
    // Not the first python3 of the PATH, which may be one without the module.
    private const string Python = "/usr/bin/python3";

    /// <summary>What gdbm_dump sees: keys and values in hexadecimal.</summary>
    public static async Task<SortedDictionary<string, string>> DumpAsync(string path)
    {
        string dump = $"{path}.{Guid.NewGuid():N}.dump";
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("gdbm_dump", path, dump));
        return Parse(await File.ReadAllLinesAsync(dump));
    }

    /// <summary>Makes an empty file.</summary>
    public static Task MakeEmptyAsync(string path, int blockSize, bool extended) => PeerProcess.RunSuccessfullyAsync(new PeerCommand(
        "gdbmtool", [.. extended ? ["-x"] : Array.Empty<string>(), "-N", "-q", "-n", "-b", $"{blockSize}", path, "count"]));

    /// <summary>Stores records.</summary>
    public static Task StoreAsync(string path, IEnumerable<(string Key, byte[] Value)> records) => RunAsync(
        """
        db = dbm.open(sys.argv[1], 'c', 0o600)
        for line in sys.stdin:
            key, value = line.rstrip('\n').split(' ')
            db[bytes.fromhex(key)] = bytes.fromhex(value)
        db.close()
        """,
        path,
        input: string.Concat(records.Select(record => $"{Convert.ToHexString(Encoding.UTF8.GetBytes(record.Key))} {Convert.ToHexString(record.Value)}\n")));

    /// <summary>Runs a script that has dbm.gnu as dbm and the path as its first argument.</summary>
    public static Task<string> RunAsync(string script, string path, string input = "", params string[] arguments) =>
        PeerProcess.RunSuccessfullyAsync(Command(script, path, arguments) with { Input = input });

    /// <summary>What runs such a script.</summary>
    public static PeerCommand Command(string script, string path, params string[] arguments) =>
        new(Python, ["-c", "import dbm.gnu as dbm, sys, time, random\n" + script, path, .. arguments]) { Limit = TimeSpan.FromSeconds(90) };

    /// <summary>The file's first block, as gdbmtool describes it.</summary>
    public static Task<string> HeaderAsync(string path) =>
        PeerProcess.RunSuccessfullyAsync(new PeerCommand("gdbmtool", "-N", "-q", "-r", path, "header"));

    private static SortedDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var records = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var data = new List<string>();
        foreach (string line in lines)
        {
            if (line.StartsWith("#:len=", StringComparison.Ordinal))
                data.Add("");
            else if (!line.StartsWith('#'))
                data[^1] += line;
        }
        for (int item = 0; item < data.Count; item += 2)
            records.Add(Hex(data[item]), Hex(data[item + 1]));
        return records;
    }

    private static string Hex(string base64) => Convert.ToHexString(Convert.FromBase64String(base64));
}
