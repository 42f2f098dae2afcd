using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>The same files given to Cyrus SASL's own parser, through <c>sasl-sample-server</c>, which reads <c>sample.conf</c> and prints what it offers.</summary>
public sealed class CyrusParserTests : IDisposable
{
    private const string Server = "sasl-sample-server";
    private const int RandomFiles = 300;

    private static readonly string[] s_known = ["PLAIN", "LOGIN", "CRAM-MD5", "ANONYMOUS"];

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("configuration");

    public void Dispose() => _folder.Dispose();

    [PeerFact(Server)]
    public async Task Cyrus_accepts_and_refuses_the_same_lines()
    {
        string[] texts =
        [
            "mech_list: PLAIN", "MECH_List:PLAIN\n", " \t\v\f\r mech_list:\t PLAIN \r\n", "", "\n\n", "# comment\n", "  # comment",
            "mech_list: PLAIN # LOGIN\n", "mech_list: \"PLAIN\" LOGIN\n", "mech_list: PLAIN\nmech_list: LOGIN\n", "a-Z_9: x\nmech_list: LOGIN PLAIN",
            ": x\nmech_list: LOGIN\n", "mech_list: CRAM-MD5\vPLAIN\fLOGIN\n", "mech_list: PLAIN\rLOGIN\n", "mech_list: PLAIN,LOGIN ANONYMOUS\n",
            "mech_list\n", "mech_list = PLAIN\n", "mech_list=PLAIN\n", "mech_list : PLAIN\n", "mech.list: PLAIN\n", "é: x\n", "\ufeffmech_list: PLAIN\n",
            "mech_list:\n", "mech_list: \t\r\n", "mech_list: PLAIN \\\n LOGIN\n", "mech_list: PLAIN \\\n", "\u00a0mech_list: PLAIN\n",
            "a: " + new string('x', 4095 - 3) + "\nmech_list: PLAIN\n", "mech_list: PLAIN" + new string(' ', 5000) + "\n",
        ];
        foreach (string text in texts)
            await CompareAsync(text, Quote(text));
    }

    [PeerFact(Server)]
    public async Task Cyrus_reads_random_files_as_we_do()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < RandomFiles; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomLine(random)));
            if (await CompareAsync(text, $"seed {seed}, file {i}: {Quote(text)}"))
                accepted++;
        }
        Assert.InRange(accepted, RandomFiles / 10, RandomFiles * 9 / 10);
    }

    [PeerFact(Server)]
    public async Task Cyrus_reads_the_end_of_a_long_comment_as_an_option_which_is_refused_here()
    {
        string text = "#" + new string('x', SaslConfiguration.MaxLineLength - 1) + "mech_list: LOGIN\n";
        Assert.Equal((string[])["LOGIN"], await OfferOfCyrusAsync(text));
        Assert.Throws<SaslConfigurationException>(() => SaslConfiguration.Parse(text));
    }

    [PeerFact(Server)]
    public async Task Cyrus_uses_the_first_file_of_the_path_alone()
    {
        _folder.Write("one/sample.conf", "log_level: 1\n");
        _folder.Write("two/sample.conf", "mech_list: LOGIN\n");
        Assert.Equal(await OfferOfCyrusAsync("") as IEnumerable<string>, await OfferOfCyrusAsync($"{_folder.At("zero")}:{_folder.At("one")}:{_folder.At("two")}", runAs: null));
        Assert.Equal((string[])["LOGIN"], await OfferOfCyrusAsync($"{_folder.At("zero")}:{_folder.At("two")}:{_folder.At("one")}", runAs: null));
    }

    [PeerFact(Server, "setpriv")]
    public async Task Cyrus_goes_on_without_a_file_it_may_not_read_which_is_refused_here()
    {
        string path = _folder.Write("closed/sample.conf", "mech_list: LOGIN\n");
        Assert.Equal((string[])["LOGIN"], await OfferOfCyrusAsync(_folder.At("closed"), runAs: "daemon"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Equal(await OfferOfCyrusAsync("") as IEnumerable<string>, await OfferOfCyrusAsync(_folder.At("closed"), runAs: "daemon"));
    }

    private static string RandomLine(Random random)
    {
        string space = Pick("", "", "", " ", "\t", "\v", "\f", "\r", "  ");
        string key = Pick("mech_list", "mech_list", "mech_list", "MECH_LIST", "Mech_List", "mech_lists", "log_level", "a-b", "", "a.b", "é", "#mech_list", "# x");
        string colon = Pick(":", ":", ":", ":", ":", ":", ": ", ":\t", ":\r\f", " :", "=", " = ", "");
        string value = Pick("PLAIN", "LOGIN PLAIN", "cram-md5\tPLAIN", "PLAIN  # LOGIN", "\"PLAIN\" LOGIN", "ANONYMOUS", "PLAIN \\", "PLAIN:LOGIN", "é", "");
        string end = Pick("\n", "\n", "\n", "\n", "\r\n", " \t\n", "\n\n", "\n#\n", "");
        return space + key + colon + value + end;

        string Pick(params string[] from) => from[random.Next(from.Length)];
    }

    // True when both accept the file and take the same mechanisms from it; false when both refuse it.
    private async Task<bool> CompareAsync(string text, string what)
    {
        string[]? cyrus = await OfferOfCyrusAsync(text);
        string[]? ours;
        try
        {
            string? list = SaslConfiguration.Parse(text)["mech_list"];
            // Without a list Cyrus offers all. Mechanisms it does not have are left out of a list.
            ours = list is null ? await OfferOfCyrusAsync("") : [.. list.Split([' ', '\t', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries)
                .Select(static word => word.ToUpperInvariant()).Where(s_known.Contains)];
        }
        catch (SaslConfigurationException)
        {
            ours = null;
        }
        Assert.True(
            cyrus is null ? ours is null : ours is not null && cyrus.SequenceEqual(ours),
            $"{what}: Cyrus {Show(cyrus)}, here {Show(ours)}");
        return ours is not null;
    }

    private Task<string[]?> OfferOfCyrusAsync(string text)
    {
        _folder.Write("here/sample.conf", text);
        return OfferOfCyrusAsync(_folder.At("here"), runAs: null);
    }

    // Null when Cyrus refuses the configuration.
    private static async Task<string[]?> OfferOfCyrusAsync(string path, string? runAs)
    {
        PeerResult result = await PeerProcess.RunAsync(new PeerCommand(Server)
        {
            Environment = new Dictionary<string, string> { [SaslConfigurationFinder.PathVariable] = path },
            RunAs = runAs,
        });
        if (result.Transcript.Contains("error when parsing configuration file", StringComparison.Ordinal))
            return null;
        Assert.Contains("Generating client mechanism list", result.Transcript, StringComparison.Ordinal);
        string? offer = result.Transcript.Split('\n').Select(LineOf).FirstOrDefault(static line => line is not null);
        return offer is null ? [] : Encoding.ASCII.GetString(Convert.FromBase64String(offer)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? LineOf(string line) =>
        line.IndexOf("S: ", StringComparison.Ordinal) is var at and >= 0 ? line[(at + 3)..].Trim() : null;

    private static string Quote(string text) => $"'{(text.Length > 200 ? text[..200] : text).Replace("\n", "\\n", StringComparison.Ordinal)}'";

    private static string Show(string[]? offer) => offer is null ? "refuses it" : $"reads '{string.Join(' ', offer)}'";
}
