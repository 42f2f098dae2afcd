using System.Text;

namespace Sasl.Cli;

/// <summary>Reads a distribution's file of defaults: Red Hat's /etc/sysconfig/saslauthd, Debian's /etc/default/saslauthd, SUSE's.</summary>
/// <remarks>
/// <para>They are fragments of shell script; here no shell reads them. A line is empty, a comment, or <c>NAME=value</c>, where the value is
/// bare or quoted; whatever only a shell could expand is refused with its line.</para>
/// </remarks>
internal sealed class DaemonDefaults
{
    private const int MaxFileLength = 64 * 1024;

    // What a name stands for: a flag that takes the value, or null where the value is more command line.
    private static readonly Dictionary<string, string?> s_flags = new()
    {
        ["MECH"] = "-a",                      // Red Hat
        ["MECHANISMS"] = "-a",                // Debian
        ["SASLAUTHD_AUTHMECH"] = "-a",        // SUSE
        ["MECH_OPTIONS"] = "-O",
        ["THREADS"] = "-n",
        ["SASLAUTHD_THREADS"] = "-n",
        ["SOCKETDIR"] = "-m",
        ["FLAGS"] = null,
        ["OPTIONS"] = null,
        ["PARAMS"] = null,
        ["SASLAUTHD_PARAMS"] = null,
    };

    // Names that belong to the scripts around the daemon.
    private static readonly string[] s_others = ["DESC", "NAME", "DAEMON", "PIDFILE", "KRB5_KTNAME"];

    private DaemonDefaults(IReadOnlyList<string> arguments, IReadOnlyList<string> warnings, bool mayStart)
    {
        Arguments = arguments;
        Warnings = warnings;
        MayStart = mayStart;
    }

    /// <summary>The command line that the file amounts to.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>What the file says and nobody here heeds.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>False where it has Debian's <c>START=no</c>.</summary>
    public bool MayStart { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="SaslConfigurationException">It cannot be read, or a line cannot be understood; the message has file and line.</exception>
    public static DaemonDefaults Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxFileLength)
                throw new SaslConfigurationException($"{path} is longer than {MaxFileLength} octets.");
            return Parse(path, File.ReadAllLines(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SaslConfigurationException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    internal static DaemonDefaults Parse(string path, IReadOnlyList<string> lines)
    {
        List<string> arguments = [];
        List<string> warnings = [];
        bool mayStart = true;
        for (int i = 0; i < lines.Count; i++)
        {
            string where = $"{path}({i + 1})";
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            (string name, string value) = ReadLine(where, line);
            if (name == "START")
                mayStart = value is "yes" or "true" or "1";
            else if (s_flags.TryGetValue(name, out string? flag))
                AddArguments(arguments, where, flag, value);
            else if (!s_others.Contains(name))
                warnings.Add($"{where}: {Printable.Of(name)} means nothing here; known are {string.Join(' ', s_flags.Keys.Order(StringComparer.Ordinal))}");
        }
        return new DaemonDefaults(arguments, warnings, mayStart);
    }

    private static void AddArguments(List<string> arguments, string where, string? flag, string value)
    {
        if (flag == "-O")
        {
            if (value.Length > 0)
                arguments.AddRange([flag, value]);
            return;
        }
        string[] words = Words(where, value);
        if (flag is null)
            arguments.AddRange(words);
        else if (words is [var word])
            arguments.AddRange([flag, word]);
        else if (words.Length > 1)
            throw new SaslConfigurationException($"{where}: one word is wanted, and there are {words.Length}; start one daemon for each");
    }

    private static (string Name, string Value) ReadLine(string where, string line)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? "" : line[..equals];
        if (name.Length == 0 || !name.All(static character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            throw new SaslConfigurationException($"{where}: a line is NAME=value, a comment or empty");
        string value = Unquote(where, line[(equals + 1)..], out string rest);
        if (rest.Length > 0 && !rest.TrimStart().StartsWith('#'))
            throw new SaslConfigurationException($"{where}: something follows the value; a value with blanks stands in quotes");
        return (name, value);
    }

    // One shell word. Inside double quotes a backslash keeps its meaning before " \ $ and `.
    private static string Unquote(string where, string text, out string rest)
    {
        var value = new StringBuilder();
        char quote = '\0';
        int i = 0;
        for (; i < text.Length; i++)
        {
            char character = text[i];
            if (quote == '\0' && char.IsWhiteSpace(character))
                break;
            if (quote == '\0' && character is '"' or '\'')
                quote = character;
            else if (quote != '\0' && character == quote)
                quote = '\0';
            else if (quote != '\'' && character is '$' or '`')
                throw new SaslConfigurationException($"{where}: no shell reads this file, so that nothing is expanded; write the value out");
            else if (quote == '\0' && ";&|<>()".Contains(character, StringComparison.Ordinal))
                throw new SaslConfigurationException($"{where}: no shell reads this file, and so there is no '{character}' in it");
            else if (quote != '\'' && character == '\\')
                value.Append(++i < text.Length ? text[i] : throw new SaslConfigurationException($"{where}: a line does not go on in the next"));
            else
                value.Append(character);
        }
        if (quote != '\0')
            throw new SaslConfigurationException($"{where}: a quote is not closed");
        rest = text[Math.Min(i, text.Length)..];
        return value.ToString();
    }

    private static string[] Words(string where, string value)
    {
        List<string> words = [];
        string rest = value.TrimStart();
        while (rest.Length > 0)
        {
            words.Add(Unquote(where, rest, out rest));
            rest = rest.TrimStart();
        }
        return [.. words];
    }
}
