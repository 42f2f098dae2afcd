namespace Sasl;

/// <summary>What a client's source of access tokens may know when it is asked for one.</summary>
/// <param name="Service">The service and the server's name as it was dialled: for whom the token is.</param>
public sealed record SaslTokenRequest(SaslServiceInfo Service)
{
    /// <summary>The user who logs in; null when the client has no user name.</summary>
    public string? UserName { get; init; }

    /// <summary>How the server refused the last token, in an earlier exchange of the same client; null when it did not, or when the source was
    /// asked since. A source that caches tokens must not give the same one again.</summary>
    public SaslTokenRefusal? Refused { get; init; }
}
