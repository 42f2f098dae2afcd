namespace Sasl.Saslauthd;

/// <summary>How a password is checked.</summary>
public enum LdapAuthMethod
{
    /// <summary>Find the user's entry, then bind as it.</summary>
    Bind,

    /// <summary>Find the user's entry, read its password attribute and compare.</summary>
    Custom,

    /// <summary>Bind at once, as the DN that the template of the filter gives, or by SASL.</summary>
    FastBind,
}
