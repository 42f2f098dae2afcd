namespace Sasl.Saslauthd;

/// <summary>When aliases are followed.</summary>
public enum LdapDereference
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>Below the entry where a search begins.</summary>
    Searching,

    /// <summary>To find the entry where a search begins.</summary>
    Finding,

    /// <summary>Always.</summary>
    Always,
}
