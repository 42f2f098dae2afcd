namespace Sasl;

/// <summary>A value to be stored under a property's name, or, when null, the wish to have the property removed.</summary>
/// <remarks>A null array converts to an empty value, not to none: write <see cref="Removed"/> for the wish to remove.</remarks>
/// <param name="Name">The property's name.</param>
/// <param name="Value">The octets; null removes the property.</param>
public readonly record struct SaslPropertyValue(string Name, ReadOnlyMemory<byte>? Value)
{
    /// <summary>The wish to have a property removed.</summary>
    /// <param name="name">The property's name.</param>
    public static SaslPropertyValue Removed(string name) => new(name, null);

    /// <summary>The name only: values are often secrets.</summary>
    public override string ToString() => Value is null ? $"{Name} (removed)" : Name;
}
