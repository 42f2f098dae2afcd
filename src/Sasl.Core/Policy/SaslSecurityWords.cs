namespace Sasl;

/// <summary>The words that Postfix's <c>smtpd_sasl_security_options</c> and Cyrus SASL use for <see cref="SaslSecurityFlags"/>.</summary>
public static class SaslSecurityWords
{
    private static readonly (string Word, SaslSecurityFlags Flag)[] s_words =
    [
        ("noplaintext", SaslSecurityFlags.NoPlaintext),
        ("noactive", SaslSecurityFlags.NoActive),
        ("nodictionary", SaslSecurityFlags.NoDictionary),
        ("noanonymous", SaslSecurityFlags.NoAnonymous),
        ("forward_secrecy", SaslSecurityFlags.ForwardSecrecy),
        ("pass_credentials", SaslSecurityFlags.PassCredentials),
        ("mutual_auth", SaslSecurityFlags.MutualAuth),
    ];

    /// <summary>Reads a list of words, separated by white space or commas, in any case. An empty list is no requirement.</summary>
    /// <param name="words">Such as <c>noplaintext, noanonymous</c>.</param>
    /// <exception cref="SaslConfigurationException">A word is unknown; the message lists the known ones.</exception>
    public static SaslSecurityFlags Parse(string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        SaslSecurityFlags flags = SaslSecurityFlags.None;
        foreach (string word in words.Split([' ', '\t', '\r', '\n', ','], StringSplitOptions.RemoveEmptyEntries))
            flags |= FlagOf(word);
        return flags;
    }

    /// <summary>Writes flags as words, in one fixed order; an empty string for none.</summary>
    /// <param name="flags">The flags.</param>
    public static string Format(SaslSecurityFlags flags) =>
        string.Join(' ', s_words.Where(pair => flags.HasFlag(pair.Flag)).Select(static pair => pair.Word));

    private static SaslSecurityFlags FlagOf(string word)
    {
        foreach ((string known, SaslSecurityFlags flag) in s_words)
        {
            if (known.Equals(word, StringComparison.OrdinalIgnoreCase))
                return flag;
        }
        throw new SaslConfigurationException(
            $"'{word}' is not a security option; known are {string.Join(", ", s_words.Select(static pair => pair.Word))}.");
    }
}
