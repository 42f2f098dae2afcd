namespace Sasl.Saslauthd;

/// <summary>How far a search goes.</summary>
public enum LdapScope
{
    /// <summary>The entry where it begins.</summary>
    Base,

    /// <summary>The entries right below.</summary>
    OneLevel,

    /// <summary>The entry and all below.</summary>
    Subtree,
}
