namespace Sasl;

/// <summary>Why a mechanism is offered or chosen, or the first rule that hid it.</summary>
public enum SelectionReason
{
    /// <summary>Nothing hides it.</summary>
    Offered,

    /// <summary>The peer did not offer it.</summary>
    NotOfferedByPeer,

    /// <summary>The library has no server side, or no client side, of it.</summary>
    NoSuchSide,

    /// <summary>The platform lacks something it needs.</summary>
    MissingOnPlatform,

    /// <summary><c>mech_list</c> does not name it.</summary>
    NotInList,

    /// <summary>It is used only where a list names it, and there is no list.</summary>
    OnlyWhenNamed,

    /// <summary>The policy requires a guarantee that it does not give.</summary>
    PolicyFlag,

    /// <summary>It shows the password, and the channel is not encrypted.</summary>
    NoTls,

    /// <summary>It is weaker than the least strength the policy accepts.</summary>
    TooWeak,

    /// <summary>The channel has no channel-binding data, or the policy forbids binding.</summary>
    NoBinding,

    /// <summary>The policy requires binding, and it does not bind.</summary>
    BindingRequired,

    /// <summary>No password verifier is configured.</summary>
    NoVerifier,

    /// <summary>No credential store is configured.</summary>
    NoStore,

    /// <summary>No writable credential store is configured.</summary>
    NoWritableStore,

    /// <summary>No token validator is configured.</summary>
    NoTokenValidator,

    /// <summary>The transport has verified no identity.</summary>
    NoExternalIdentity,

    /// <summary>The client has not what it needs: a user name, a password, a token.</summary>
    NoCredential,

    /// <summary>The client wants to act as somebody else, which the mechanism cannot say.</summary>
    NoProxy,
}
