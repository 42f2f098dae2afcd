namespace Sasl.Smtp;

/// <summary>How a client and the sender address it uses belong together.</summary>
public enum SenderLoginVerdict
{
    /// <summary>The client is logged in as an owner; or it is not logged in and nobody owns the address; or the sender is empty.</summary>
    Allowed,

    /// <summary>The client is logged in, and others own the address.</summary>
    Mismatch,

    /// <summary>The client is logged in, and nobody owns the address.</summary>
    NotOwned,

    /// <summary>The client is not logged in, and somebody owns the address.</summary>
    NotLoggedIn,
}
