using System.Collections.ObjectModel;

namespace Sasl;

/// <summary>What a valid access token says.</summary>
/// <param name="UserName">Whose it is, as the issuer calls the user. The canonicalizer makes a user of it.</param>
public sealed record TokenGrant(string UserName)
{
    /// <summary>The scopes it has, with blanks between them; null when it does not say.</summary>
    public string? Scope { get; init; }

    /// <summary>When it expires; null when it does not say. A server may end a session then.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>All that it says, by the names of the claims; what is no text is JSON.</summary>
    public IReadOnlyDictionary<string, string> Claims { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The user's name, never the claims.</summary>
    public override string ToString() => UserName;
}
