namespace Sasl;

/// <summary>A value to be stored under a property's name, or, when null, the wish to have the property removed.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Value">The octets; null removes the property.</param>
public readonly record struct SaslPropertyValue(string Name, ReadOnlyMemory<byte>? Value)
{
    /// <summary>The name only: values are often secrets.</summary>
    public override string ToString() => Value is null ? $"{Name} (removed)" : Name;
}
