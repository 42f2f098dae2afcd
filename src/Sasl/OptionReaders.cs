namespace Sasl;

/// <summary>Says of each key whether anybody in a server reads it.</summary>
internal static class OptionReaders
{
    private const string LogLevelKey = "log_level";
    private const string NotShown = "(not shown)";

    /// <summary>Every option that somebody reads and that is set or has a default.</summary>
    public static IEnumerable<SaslOptionInForce> InForce(
        SaslConfiguration configuration, SaslServerBuilder builder, Func<SaslConfigurationReader, string?, bool> isInUse)
    {
        foreach (SaslConfigurationKey key in builder.KnownKeys.Where(key => isInUse(key.Reader, key.ReaderName)))
        {
            SaslConfigurationEntry? entry = configuration.Find(key.Name);
            if ((entry?.Value ?? key.Default) is { } value)
                yield return new SaslOptionInForce(key.Name, key.IsSecret ? NotShown : value, entry?.Place);
        }
    }

    /// <summary>Warns of keys that are set although whoever reads them is not there.</summary>
    public static IEnumerable<SaslConfigurationWarning> Unread(
        SaslConfiguration configuration, SaslServerBuilder builder, Func<SaslConfigurationReader, string?, bool> isInUse)
    {
        foreach (SaslConfigurationKey key in builder.KnownKeys)
        {
            if (key.Reader is SaslConfigurationReader.Nobody || configuration[key.Name] is null)
                continue;
            if (key.Name == LogLevelKey && builder.Log is null)
                yield return configuration.Warning(key.Name, "has no effect: the application writes no log by levels");
            else if (!isInUse(key.Reader, key.ReaderName))
                yield return configuration.Warning(key.Name, $"has no effect: {Absence(key, builder)}");
        }
    }

    private static string Absence(SaslConfigurationKey key, SaslServerBuilder builder) => key.Reader switch
    {
        SaslConfigurationReader.Nobody or SaslConfigurationReader.Builder => "nobody reads it",
        SaslConfigurationReader.Store => Absence("credential store", key, builder.Stores.ContainsKey(key.ReaderName!), "auxprop_plugin"),
        SaslConfigurationReader.Verifier => Absence("password verifier", key, builder.Verifiers.ContainsKey(key.ReaderName!), "pwcheck_method"),
        SaslConfigurationReader.Canonicalizer => Absence("canonicalizer", key, builder.Canonicalizers.ContainsKey(key.ReaderName!), "canon_user_plugin"),
        SaslConfigurationReader.TokenValidator => builder.TokenValidator is not null
            ? "the application has a token validator of its own"
            : "there is no token validator that reads it (oauth_issuer, oauth_introspection_url)",
        SaslConfigurationReader.Mechanism => $"there is no mechanism {key.ReaderName} here",
    };

    private static string Absence(string kind, SaslConfigurationKey key, bool isRegistered, string selector) => isRegistered
        ? $"the {kind} {key.ReaderName} is not in use ({selector})"
        : $"there is no {kind} {key.ReaderName} here{(key.Package is null ? "" : $"; it is in package {key.Package}")}";
}
