namespace Sasl;

/// <summary>One option of a running server: what it is set to, and by whom.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, written out; <c>(not shown)</c> for a password, <c>(none)</c> for none.</param>
/// <param name="Place">Where it is set; null when it has its default.</param>
public sealed record SaslOptionInForce(string Key, string Value, SaslConfigurationPosition? Place)
{
    /// <summary>One line of the text of <see cref="SaslExplanation"/>.</summary>
    public override string ToString() =>
        $"{Key}: {Value}   [{(Place is { } place ? (place with { Key = null }).ToString() : "default")}]";
}
