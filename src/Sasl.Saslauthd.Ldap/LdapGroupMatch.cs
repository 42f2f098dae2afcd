namespace Sasl.Saslauthd;

/// <summary>How membership of a group is found.</summary>
public enum LdapGroupMatch
{
    /// <summary>The group's entry names the user's DN.</summary>
    Attribute,

    /// <summary>A search finds an entry.</summary>
    Filter,
}
