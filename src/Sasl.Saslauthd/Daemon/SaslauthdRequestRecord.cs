namespace Sasl.Saslauthd;

/// <summary>One request of the daemon and what became of it, each fact in a field of its own; never the password.</summary>
/// <remarks>The names are as the peer sent them. They contain no control characters, but may contain anything else.</remarks>
public sealed record SaslauthdRequestRecord
{
    /// <summary>The login name, without the realm that the peer split off; empty where the request could not be read that far.</summary>
    public required string Login { get; init; }

    /// <summary>The realm; empty where the peer sent none.</summary>
    public required string Realm { get; init; }

    /// <summary>The service that asks, such as <c>smtp</c>.</summary>
    public required string Service { get; init; }

    /// <summary>Where the user comes from, <c>address;port</c>, as peers of Cyrus SASL's development version tell; null from all others.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>The checker, by the name that <c>saslauthd -a</c> has for it.</summary>
    public required string Checker { get; init; }

    /// <summary>What was found. <see cref="PasswordOutcome.Unavailable"/> where the checker could not answer.</summary>
    public required PasswordOutcome Outcome { get; init; }

    /// <summary>Whether the daemon remembered the password and asked no checker.</summary>
    public bool IsCached { get; init; }

    /// <summary>Whether the request was refused as it stood, and no checker was asked.</summary>
    public bool IsRefused { get; init; }

    /// <summary>From the moment the request was there as a whole to the answer.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Why, in the checker's words; null where it said nothing.</summary>
    public string? Reason { get; init; }
}
