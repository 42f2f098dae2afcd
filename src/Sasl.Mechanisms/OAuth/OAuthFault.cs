namespace Sasl.Mechanisms;

/// <summary>Why a server refuses a token (the errors of RFC 6750 section 3.1).</summary>
internal enum OAuthFault
{
    /// <summary>What was sent is no bearer token.</summary>
    InvalidRequest,

    /// <summary>There is no token, or it is not valid.</summary>
    InvalidToken,

    /// <summary>The token's scope does not suffice.</summary>
    InsufficientScope,
}
