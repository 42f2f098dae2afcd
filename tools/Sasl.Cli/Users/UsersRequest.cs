using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>What the arguments of <c>sasl users</c> ask for.</summary>
internal sealed record UsersRequest
{
    public required string Application { get; init; }

    public string? File { get; init; }

    /// <summary>Only this realm; null takes all.</summary>
    public string? Realm { get; init; }

    /// <summary>Where the text goes, "-" for standard output; null exports nothing.</summary>
    public string? Export { get; init; }

    /// <summary>Where the new sasldb goes; null makes none.</summary>
    public string? Convert { get; init; }

    /// <summary>The form of the new sasldb.</summary>
    public SasldbFormat Format { get; init; }

    /// <summary>Whether a file that is there may go.</summary>
    public bool Force { get; init; }

    /// <summary>Whether the whole file is checked.</summary>
    public bool Verify { get; init; }

    /// <summary>The realm that users leave and the one they get; null moves nobody.</summary>
    public (string Old, string New)? Realms { get; init; }

    /// <summary>Who is moved; null moves everybody of the realm.</summary>
    public string? User { get; init; }

    /// <summary>Whether lines say how far long work is, where nobody watches.</summary>
    public bool Progress { get; init; }
}
