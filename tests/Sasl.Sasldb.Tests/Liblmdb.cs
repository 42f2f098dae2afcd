using System.Globalization;
using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests;

/// <summary>The programs of lmdb-utils, which are liblmdb itself.</summary>
internal static class Liblmdb
{
    /// <summary>What mdb_dump sees: keys and values in hexadecimal.</summary>
    public static async Task<SortedDictionary<string, string>> DumpAsync(string path)
    {
        string dump = $"{path}.{Guid.NewGuid():N}.dump";
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_dump", "-n", "-f", dump, path));
        return Parse(await File.ReadAllLinesAsync(dump));
    }

    /// <summary>The records of a dump.</summary>
    public static SortedDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var records = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string[] data = [.. lines.Where(line => line.StartsWith(' ')).Select(line => line[1..])];
        for (int line = 0; line < data.Length; line += 2)
            records.Add(data[line], data[line + 1]);
        return records;
    }

    /// <summary>A command that stores records through liblmdb, in transactions of a hundred.</summary>
    public static PeerCommand Load(string path, IEnumerable<(byte[] Key, byte[] Value)> records)
    {
        var text = new StringBuilder("VERSION=3\nformat=bytevalue\ntype=btree\nmapsize=16777216\nHEADER=END\n");
        foreach ((byte[] key, byte[] value) in records)
            text.Append(' ').Append(Convert.ToHexStringLower(key)).Append("\n ").Append(Convert.ToHexStringLower(value)).Append('\n');
        return new PeerCommand("mdb_load", "-n", path) { Input = text.Append("DATA=END\n").ToString() };
    }

    /// <summary>How many records mdb_stat counts.</summary>
    public static async Task<int> CountAsync(string path)
    {
        string printed = await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_stat", "-n", path));
        return int.Parse(printed[(printed.IndexOf("Entries:", StringComparison.Ordinal) + 8)..], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// mdb_dump in the middle of a transaction: it has begun to print and waits for somebody to read on, until a line is written to it.
    /// The file must be larger than what a pipe holds.
    /// </summary>
    public static async Task<PeerProcess> StartReaderAsync(string path, string dump)
    {
        const string Script =
            """
            exec 3<&0 4>&1
            mdb_dump -n "$0" | { IFS= read -r first; echo reading >&4; read -r go <&3; printf '%s\n' "$first"; cat; } > "$1"
            """;
        PeerProcess reader = PeerProcess.Start(new PeerCommand("/bin/sh", "-c", Script, path, dump) { Limit = TimeSpan.FromSeconds(60) });
        await reader.WaitForLineAsync(line => line == "reading");
        return reader;
    }
}
