namespace Sasl;

/// <summary>One <c>key: value</c> of a configuration, and where it stands.</summary>
/// <param name="Key">The key, in lower case.</param>
/// <param name="Value">The value, trimmed; never empty. It may be a secret.</param>
/// <param name="Place">Where it stands.</param>
public sealed record SaslConfigurationEntry(string Key, string Value, SaslConfigurationPosition Place)
{
    /// <summary>The place only: values may be secrets.</summary>
    public override string ToString() => Place.ToString();
}
