namespace Sasl;

/// <summary>Compares a configuration with the keys that are known.</summary>
internal static class ConfigurationCheck
{
    // How Cyrus IMAP calls the same keys in imapd.conf.
    private const string ImapPrefix = "sasl_";

    // The most mistakes of typing between an unknown key and a known one that is then suggested.
    private const int MaxDistance = 2;

    private static readonly string[] s_plainAnswers = ["yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f"];

    public static IEnumerable<SaslConfigurationWarning> Judge(SaslConfiguration configuration, IEnumerable<SaslConfigurationKey> known)
    {
        SaslConfigurationKey[] keys = [.. known];
        foreach (SaslConfigurationEntry entry in configuration.Entries)
        {
            SaslConfigurationKey? key = Array.Find(keys, key => key.Name == entry.Key);
            if (Oddity(configuration, entry, key, keys) is { } message)
                yield return new SaslConfigurationWarning(entry.Place, message);
        }
    }

    private static string? Oddity(
        SaslConfiguration configuration, SaslConfigurationEntry entry, SaslConfigurationKey? key, SaslConfigurationKey[] keys) =>
        key is null ? $"is not a known key and has no effect{Suggestion(entry.Key, keys)}"
        : key.Reader is SaslConfigurationReader.Nobody ? $"has no effect here: {key.Meaning}"
        : key.Kind is SaslConfigurationKeyKind.Flag && !s_plainAnswers.Contains(entry.Value)
            ? $"is read as {(configuration.Flag(entry.Key) ? "yes" : "no")}, as Cyrus SASL reads it; write yes or no"
        : null;

    private static string Suggestion(string unknown, SaslConfigurationKey[] keys)
    {
        if (unknown.StartsWith(ImapPrefix, StringComparison.Ordinal) && Array.Exists(keys, key => key.Name == unknown[ImapPrefix.Length..]))
            return $"; it is called {unknown[ImapPrefix.Length..]} outside imapd.conf";
        SaslConfigurationKey? nearest = keys.Length == 0 ? null : keys.MinBy(key => Distance(unknown, key.Name));
        return nearest is not null && Distance(unknown, nearest.Name) <= MaxDistance ? $"; is {nearest.Name} meant?" : "";
    }

    // Levenshtein's distance, row by row.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > MaxDistance)
            return int.MaxValue;
        int[] above = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int[] row = new int[right.Length + 1];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
            above = row;
        }
        return above[right.Length];
    }
}
