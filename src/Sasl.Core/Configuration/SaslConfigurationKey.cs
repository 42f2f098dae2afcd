namespace Sasl;

/// <summary>A key that configuration files may have: how it is read, its default, and who reads it.</summary>
/// <param name="Name">The key, in lower case.</param>
/// <param name="Kind">How its value is read.</param>
/// <param name="Default">The value it has when it is not set; null when that is none.</param>
/// <param name="Meaning">What it says, or, when nobody reads it, why it has no effect; a clause for the administrator.</param>
public sealed record SaslConfigurationKey(string Name, SaslConfigurationKeyKind Kind, string? Default, string Meaning)
{
    /// <summary>Who has to be present for the key to have an effect.</summary>
    public SaslConfigurationReader Reader { get; init; } = SaslConfigurationReader.Builder;

    /// <summary>The registered name of the store, verifier, canonicalizer or mechanism that reads it; null for other readers.</summary>
    public string? ReaderName { get; init; }

    /// <summary>The package the reader is in; null for those of nobody.</summary>
    public string? Package { get; init; } = "Sasl";

    /// <summary>Whether the value is a password and must not be shown.</summary>
    public bool IsSecret { get; init; }
}
