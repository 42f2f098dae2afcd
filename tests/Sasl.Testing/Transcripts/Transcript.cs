using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sasl.Testing;

/// <summary>One conversation from a file in <c>tests/Transcripts</c>: what both sides know, what they say, and how it ends.</summary>
/// <remarks>
/// <code>
/// # comment
/// mechanism    SCRAM-SHA-256        the mechanism
/// plays        both                 which side is tested: both, server, client (default both)
/// offered      A B C                the names the client sees (default: the mechanism alone)
/// user         user pencil          name and password of the client; the server's store has them as userPassword unless a "stored" line follows
/// stored       authPassword text    a property the server's store has for the user; may be repeated
/// token        text                 the access token that the client gives
/// grants       text user            a token that the server's validator knows, and whose it is; "grants text" has too little scope; may be repeated
/// scope x, openid-configuration x   what the server's validator tells a client whose token was refused
/// port         587                  the port that the client sees of the server
/// authzid      other                as whom the client acts; "may-act yes" lets the server allow it
/// client-nonce x, server-nonce x    the text each side's nonce source gives
/// binding      tls-unique 0a0b      channel-binding data in hexadecimal, on both sides; may be repeated
/// service, server-name, realm       default imap, srv.example.com, none
/// clock        1700000000           the time, in seconds of the Unix epoch
/// ssf          128                  no TLS, and a security layer of exactly that strength (default: inside TLS, no layer)
/// sealed       S 0a0b text          what a side seals after success, in hexadecimal, and the text; may be repeated, in the order in which it was sent
/// C: octets, S: octets              a message; \xHH is one octet. A first empty S: stands for "no initial response"
/// ends         Success user other   as whom, or: Failure InvalidCredentials
/// </code>
/// A word with blanks in it stands in quotation marks. A file ends with the message that its last speaker's peer accepts or refuses.
/// </remarks>
public sealed partial class Transcript
{
    private readonly ILookup<string, string> _values;

    private Transcript(string name, ILookup<string, string> values, TranscriptLine[] lines)
    {
        Name = name;
        _values = values;
        Lines = lines;
    }

    /// <summary>The file's name.</summary>
    public string Name { get; }

    /// <summary>The messages.</summary>
    public IReadOnlyList<TranscriptLine> Lines { get; }

    /// <summary>The mechanism's name.</summary>
    public string Mechanism => this["mechanism"] ?? throw new FormatException($"{Name} names no mechanism.");

    /// <summary>How it ends, as words.</summary>
    public string[] Ends =>
        [.. Word().Matches(this["ends"] ?? throw new FormatException($"{Name} does not say how it ends.")).Select(static word => word.Value.Trim('"'))];

    /// <summary>The value of a key; null when the file has none.</summary>
    public string? this[string key] => _values[key].FirstOrDefault();

    /// <summary>All values of a key.</summary>
    public IEnumerable<string> All(string key) => _values[key];

    /// <summary>The value of a key cut behind its first word.</summary>
    public (string First, string After)? Pair(string key) => this[key] is { } value ? Cut(value) : null;

    /// <summary>Whether the file tests a side: "server" or "client".</summary>
    public bool Plays(string side) => (this["plays"] ?? "both") is var plays && (plays == "both" || plays == side);

    /// <summary>Reads a file.</summary>
    public static Transcript Load(string path)
    {
        var values = new List<(string Key, string Value)>();
        var lines = new List<TranscriptLine>();
        foreach (string line in File.ReadAllLines(path, Encoding.UTF8))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("C:", StringComparison.Ordinal) || line.StartsWith("S:", StringComparison.Ordinal))
                lines.Add(new(line[0] == 'C', Octets(line.Length > 3 ? line[3..] : "")));
            else
                values.Add(Cut(line));
        }
        return new(Path.GetFileName(path), values.ToLookup(static pair => pair.Key, static pair => pair.Value), [.. lines]);
    }

    /// <summary>The names of the files that begin with a prefix, for a theory.</summary>
    public static IEnumerable<string> Names(string prefix) =>
        Directory.EnumerateFiles(Folder(), prefix + "*.txt").Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>Reads a file by its name.</summary>
    public static Transcript Named(string name) => Load(Path.Combine(Folder(), name));

    /// <summary>Cuts a value behind its first word.</summary>
    public static (string First, string After) Cut(string text)
    {
        string first = Word().Match(text).Value;
        return (first.Trim('"'), text[first.Length..].Trim());
    }

    private static string Folder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sasl.sln")))
                return Path.Combine(folder.FullName, "tests", "Transcripts");
        }
        throw new DirectoryNotFoundException("The tests run outside the repository.");
    }

    internal static byte[] Octets(string text)
    {
        var octets = new List<byte>();
        int done = 0;
        foreach (Match match in Escape().Matches(text))
        {
            octets.AddRange(Encoding.UTF8.GetBytes(text[done..match.Index]));
            octets.Add(byte.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            done = match.Index + match.Length;
        }
        octets.AddRange(Encoding.UTF8.GetBytes(text[done..]));
        return [.. octets];
    }

    [GeneratedRegex("""
        "[^"]*"|[^ ]+
        """)]
    private static partial Regex Word();

    [GeneratedRegex(@"\\x([0-9a-fA-F]{2})")]
    private static partial Regex Escape();
}
