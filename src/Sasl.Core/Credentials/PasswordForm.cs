namespace Sasl;

/// <summary>One form in which stores keep passwords, against which a plain-text password can be checked.</summary>
/// <remarks>A mechanism that stores derived secrets has one, so that PLAIN works from SCRAM's stored keys. Stateless and thread-safe.</remarks>
/// <param name="property">Under which name the form is stored.</param>
public abstract class PasswordForm(SaslProperty property)
{
    /// <summary>Under which name the form is stored.</summary>
    public SaslProperty Property { get; } = property;

    /// <summary>What <see cref="CostOf"/> says of a value that the library writes by default: the cost of imitating a user before any was seen.</summary>
    public virtual int TypicalCost => 0;

    /// <summary>What a check costs, in iterations of the form's key derivation.</summary>
    /// <param name="stored">A stored value; any octets.</param>
    /// <returns>0 for a plain comparison; null when the value is of another form.</returns>
    public abstract int? CostOf(ReadOnlySpan<byte> stored);

    /// <summary>Checks a password against a stored value.</summary>
    /// <param name="stored">A stored value of this form.</param>
    /// <param name="password">The password, prepared.</param>
    /// <returns>False also when the value is of another form.</returns>
    public abstract bool Verify(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password);

    /// <summary>Does the work of a check that fails, for a user who does not exist.</summary>
    /// <param name="cost">What <see cref="CostOf"/> said of an existing user's value.</param>
    /// <param name="password">The password, prepared.</param>
    public abstract void Imitate(int cost, ReadOnlySpan<byte> password);
}
