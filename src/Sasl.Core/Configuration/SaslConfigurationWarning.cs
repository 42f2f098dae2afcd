namespace Sasl;

/// <summary>Something in a configuration that works, but probably not as its author meant.</summary>
/// <param name="Place">Where.</param>
/// <param name="Message">What, as a clause for the administrator; never contains a secret.</param>
public sealed record SaslConfigurationWarning(SaslConfigurationPosition Place, string Message)
{
    /// <summary>The place and the message, in the form compilers use.</summary>
    public override string ToString() => $"{Place}: {Message}";
}
