using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>The programs of db-util, which are Berkeley DB itself.</summary>
internal static class Libdb
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Stores records through Berkeley DB.</summary>
    /// <param name="path">The file; made where there is none.</param>
    /// <param name="records">The records.</param>
    /// <param name="settings">How to make it: <c>db_pagesize=512</c>, <c>db_lorder=4321</c>, <c>chksum=1</c>.</param>
    public static Task LoadAsync(string path, IEnumerable<(byte[] Key, byte[] Value)> records, params string[] settings) =>
        LoadAsync("hash", path, records, settings);

    /// <summary>Stores records through Berkeley DB in a file of another type.</summary>
    public static async Task LoadAsync(string type, string path, IEnumerable<(byte[] Key, byte[] Value)> records, params string[] settings)
    {
        var text = new StringBuilder($"VERSION=3\nformat=bytevalue\ntype={type}\nHEADER=END\n");
        foreach ((byte[] key, byte[] value) in records)
            text.Append(' ').Append(Convert.ToHexStringLower(key)).Append("\n ").Append(Convert.ToHexStringLower(value)).Append('\n');
        await PeerProcess.RunSuccessfullyAsync(
            new PeerCommand("db_load", [.. settings.SelectMany(setting => new[] { "-c", setting }), path])
            {
                Input = text.Append("DATA=END\n").ToString(),
                Limit = s_limit,
            });
    }

    /// <summary>What db_dump sees: keys and values in hexadecimal.</summary>
    public static async Task<SortedDictionary<string, string>> DumpAsync(string path)
    {
        string dump = $"{path}.{Guid.NewGuid():N}.dump";
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_dump", "-f", dump, path) { Limit = s_limit });
        return Liblmdb.Parse(await File.ReadAllLinesAsync(dump));
    }

    /// <summary>Lets db_verify judge a file.</summary>
    public static Task VerifyAsync(string path) => PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_verify", path) { Limit = s_limit });
}
