namespace Sasl;

/// <summary>What a server must be configured with, or a channel have, before a mechanism can be offered.</summary>
[Flags]
public enum SaslServerNeeds
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>Somebody who can say whether a password is right.</summary>
    PasswordVerifier = 1,

    /// <summary>A store that gives out secrets or what was derived from them.</summary>
    CredentialStore = 2,

    /// <summary>A store that can be written during an exchange.</summary>
    WritableCredentialStore = 4 | CredentialStore,

    /// <summary>Somebody who can say whether an access token is valid.</summary>
    TokenValidator = 8,

    /// <summary>An identity that the transport has verified.</summary>
    ExternalIdentity = 16,
}
