using System.Text;
using Sasl.Sasldb;
using Sasl.Testing.Peers;

namespace Sasl.Cli.Tests;

/// <summary>What the databases' own tools say is in a file: each record in hexadecimal, in the order of the keys.</summary>
internal static class Dumps
{
    public static async Task<string[]> OfBerkeleyAsync(CliFolder folder, string file)
    {
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_verify", file));
        return await OfTextAsync(folder, new PeerCommand("db_dump", "-f", Output(folder), file));
    }

    public static Task<string[]> OfLmdbAsync(CliFolder folder, string file) => OfTextAsync(folder, new PeerCommand("mdb_dump", "-n", "-f", Output(folder), file));

    public static async Task<string[]> OfGdbmAsync(CliFolder folder, string file)
    {
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("gdbm_dump", file, Output(folder)));
        List<StringBuilder> datums = [];
        foreach (string line in await File.ReadAllLinesAsync(Output(folder)))
        {
            if (line.StartsWith("#:len=", StringComparison.Ordinal))
                datums.Add(new StringBuilder());
            else if (!line.StartsWith('#'))
                datums[^1].Append(line);
        }
        File.Delete(Output(folder));
        string[] octets = [.. datums.Select(static base64 => Convert.ToHexString(Convert.FromBase64String(base64.ToString())))];
        return [.. octets.Chunk(2).Select(static pair => $"{pair[0]} {pair[1]}").Order(StringComparer.Ordinal)];
    }

    public static async Task<string[]> OfTextAsync(string text)
    {
        using var reader = new SasldbTextReader(new MemoryStream(Encoding.Latin1.GetBytes(text)));
        List<string> records = [];
        while (await reader.ReadAsync(CancellationToken.None))
            records.Add($"{Convert.ToHexString(reader.Key.Span)} {Convert.ToHexString(reader.Value.Span)}");
        return [.. records.Order(StringComparer.Ordinal)];
    }

    private static async Task<string[]> OfTextAsync(CliFolder folder, PeerCommand dump)
    {
        await PeerProcess.RunSuccessfullyAsync(dump);
        string text = await File.ReadAllTextAsync(Output(folder), Encoding.Latin1);
        File.Delete(Output(folder));
        return await OfTextAsync(text);
    }

    private static string Output(CliFolder folder) => Path.Combine(folder.Path, "dump");
}
