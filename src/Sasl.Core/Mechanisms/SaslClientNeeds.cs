namespace Sasl;

/// <summary>What a client must hold before it may choose a mechanism.</summary>
[Flags]
public enum SaslClientNeeds
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>A user name.</summary>
    UserName = 1,

    /// <summary>A user name and a password.</summary>
    Password = 2 | UserName,

    /// <summary>A source of access tokens.</summary>
    AccessToken = 4,

    /// <summary>An identity that the transport has given to the server.</summary>
    ExternalIdentity = 8,

    /// <summary>The server's host name, which becomes part of what is proved (Cyrus: SASL_FEAT_NEEDSERVERFQDN).</summary>
    ServerName = 16,
}
