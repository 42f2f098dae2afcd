namespace Sasl;

/// <summary>Something stores keep about a user, by the name they keep it under, such as <c>userPassword</c>.</summary>
/// <param name="name">The name in every store: a sasldb key part, <c>%p</c> in SQL, an LDAP attribute.</param>
public class SaslProperty(string name)
{
    /// <summary>The password in plain text, prepared. From it every shared-secret mechanism can derive what it needs.</summary>
    public static SaslProperty UserPassword { get; } = new("userPassword");

    /// <summary>The name in every store.</summary>
    public string Name { get; } = name;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
