using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl;

/// <summary>The options of one application in Cyrus SASL's words: the contents of a file such as <c>smtpd.conf</c>, or the same keys from code.</summary>
/// <remarks>Immutable. Every value remembers its file and line, so that whoever finds it wrong can say where (<see cref="Error"/>).</remarks>
public sealed class SaslConfiguration
{
    /// <summary>The longest line of a file, in octets without its end. Cyrus SASL cuts longer ones in two and reads the rest as a new line.</summary>
    public const int MaxLineLength = 4095;

    /// <summary>The largest file that is read, in octets.</summary>
    public const int MaxFileLength = 1024 * 1024;

    private const string CodeSource = "configuration";

    private readonly FrozenDictionary<string, SaslConfigurationEntry> _byKey;

    internal SaslConfiguration(
        string source, ImmutableArray<SaslConfigurationEntry> entries, ImmutableArray<SaslConfigurationWarning> warnings)
    {
        Source = source;
        Entries = entries;
        Warnings = warnings;
        _byKey = entries.ToFrozenDictionary(static entry => entry.Key, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>No options: every key has its default.</summary>
    public static SaslConfiguration Empty { get; } = new(CodeSource, [], []);

    /// <summary>The file's path, or a word for values that came from code.</summary>
    public string Source { get; }

    /// <summary>The values in force, in the order they were written; of a repeated key the first.</summary>
    public ImmutableArray<SaslConfigurationEntry> Entries { get; }

    /// <summary>What was odd about the text itself, such as a repeated key. <see cref="Check"/> judges the keys, too.</summary>
    public ImmutableArray<SaslConfigurationWarning> Warnings { get; }

    /// <summary>The value of a key; null when it is not set.</summary>
    /// <param name="key">The key, in any case.</param>
    public string? this[string key] => Find(key)?.Value;

    /// <summary>Parses the text of a configuration file.</summary>
    /// <param name="text">The octets; UTF-8 where values need more than ASCII.</param>
    /// <param name="source">What to call the text in messages.</param>
    /// <param name="syntax">Whose file it is.</param>
    /// <exception cref="SaslConfigurationException">A line is neither blank, a comment, nor <c>key: value</c>; the message names the line.</exception>
    public static SaslConfiguration Parse(
        ReadOnlySpan<byte> text, string source = CodeSource, SaslConfigurationSyntax syntax = SaslConfigurationSyntax.Application)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ConfigurationParser(source, syntax).Parse(text);
    }

    /// <summary>Parses the text of a configuration file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What to call the text in messages.</param>
    /// <param name="syntax">Whose file it is.</param>
    /// <exception cref="SaslConfigurationException">A line is neither blank, a comment, nor <c>key: value</c>; the message names the line.</exception>
    public static SaslConfiguration Parse(
        string text, string source = CodeSource, SaslConfigurationSyntax syntax = SaslConfigurationSyntax.Application)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(Encoding.UTF8.GetBytes(text), source, syntax);
    }

    /// <summary>Reads one configuration file. <see cref="SaslConfigurationFinder"/> looks for it where Cyrus SASL would.</summary>
    /// <param name="path">The file.</param>
    /// <param name="syntax">Whose file it is.</param>
    /// <exception cref="SaslConfigurationException">It does not exist, cannot be read, or is not a configuration; the message says which.</exception>
    public static SaslConfiguration Load(string path, SaslConfigurationSyntax syntax = SaslConfigurationSyntax.Application)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = ConfigurationFile.Read(path)
            ?? throw new SaslConfigurationException(new SaslConfigurationPosition(path), "there is no such file");
        return Parse(text, path, syntax);
    }

    /// <summary>The same keys from code, from <c>appsettings.json</c> or from the environment.</summary>
    /// <param name="values">Keys, in any case, and values; of a repeated key the first is kept.</param>
    /// <param name="source">What to call the values in messages.</param>
    /// <exception cref="SaslConfigurationException">A key or a value could not stand in a file; the message names the key.</exception>
    public static SaslConfiguration FromValues(IEnumerable<KeyValuePair<string, string>> values, string source = CodeSource)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(source);
        var parser = new ConfigurationParser(source, SaslConfigurationSyntax.Application);
        foreach ((string key, string value) in values)
            parser.Add(key, value);
        return parser.Finish();
    }

    /// <summary>The value of a key and where it stands; null when it is not set.</summary>
    /// <param name="key">The key, in any case.</param>
    public SaslConfigurationEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>A value that is a list of words, separated by white space; empty when the key is not set.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <exception cref="SaslConfigurationException">A comma: to Cyrus SASL it is part of a word that then matches nothing.</exception>
    public ImmutableArray<string> Words(string key) => this[key] is not { } value ? []
        : value.Contains(',', StringComparison.Ordinal) ? throw Error(key, "a comma does not separate words; write white space instead")
        : [.. value.Split(ConfigurationParser.WhiteSpace, StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>A value that is yes or no: what begins with <c>1</c>, <c>y</c>, <c>t</c> or <c>on</c> is yes, all else no, as in Cyrus SASL.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <param name="otherwise">The default.</param>
    public bool Flag(string key, bool otherwise = false) => this[key] is not { } value ? otherwise
        : value[0] is '1' or 'y' or 't' || value.StartsWith("on", StringComparison.Ordinal);

    /// <summary>A value that is a whole number, in decimal digits.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <param name="otherwise">The default.</param>
    /// <param name="least">The least that is accepted.</param>
    /// <param name="most">The most that is accepted.</param>
    /// <exception cref="SaslConfigurationException">It is no number, or out of bounds. Cyrus SASL would read what it can and ignore the rest.</exception>
    public int Number(string key, int otherwise, int least, int most)
    {
        if (this[key] is not { } value)
            return otherwise;
        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Error(key, $"'{value}' is not accepted; accepted are whole numbers from {least} to {most}");
    }

    /// <summary>A value that is one of a few words.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <param name="otherwise">The default.</param>
    /// <param name="accepted">The words, in lower case.</param>
    /// <returns>One of <paramref name="accepted"/>, or <paramref name="otherwise"/>.</returns>
    /// <exception cref="SaslConfigurationException">It is another word; the message lists those that are accepted.</exception>
    public string Choice(string key, string otherwise, params ReadOnlySpan<string> accepted)
    {
        if (this[key] is not { } value)
            return otherwise;
        foreach (string word in accepted)
        {
            if (word.Equals(value, StringComparison.OrdinalIgnoreCase))
                return word;
        }
        throw Error(key, $"'{value}' is not accepted; accepted are {string.Join(", ", accepted.ToArray())}");
    }

    /// <summary>Makes the exception for a value that cannot be used. It names file and line where the key is set.</summary>
    /// <param name="key">The key.</param>
    /// <param name="problem">What is wrong and what would be accepted; never contains a secret.</param>
    /// <param name="innerException">What the system reported, if it did.</param>
    public SaslConfigurationException Error(string key, string problem, Exception? innerException = null) =>
        new(PlaceOf(key), problem, innerException);

    /// <summary>Makes the warning for a value that has not the effect its author may expect.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">What is odd; never contains a secret.</param>
    public SaslConfigurationWarning Warning(string key, string message) => new(PlaceOf(key), message);

    /// <summary>Warns of repeated and unknown keys, of keys that mean nothing here, and of values that read otherwise than they look.</summary>
    /// <param name="known">The keys somebody reads; null takes <see cref="SaslConfigurationKeys.All"/>.</param>
    public ImmutableArray<SaslConfigurationWarning> Check(IEnumerable<SaslConfigurationKey>? known = null) =>
        [.. Warnings, .. ConfigurationCheck.Judge(this, known ?? SaslConfigurationKeys.All)];

    private SaslConfigurationPosition PlaceOf(string key) => Find(key)?.Place ?? new SaslConfigurationPosition(Source, Key: key);
}
