using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>What the arguments of <c>sasl passwd</c> ask for.</summary>
/// <param name="UserId">The user as typed; empty where there is none, with <see cref="Import"/>.</param>
internal sealed record PasswdRequest(string UserId)
{
    /// <summary>The realm; null takes the one in the name, else the host's name.</summary>
    public string? Realm { get; init; }

    public required string Application { get; init; }

    public string? File { get; init; }

    public bool Delete { get; init; }

    /// <summary>Whether standard input is taken as it is, without asking.</summary>
    public bool FromPipe { get; init; }

    public PlainTextWish PlainText { get; init; }

    /// <summary>The form of a sasldb that is made; null takes the configured one.</summary>
    public SasldbFormat? Format { get; init; }

    /// <summary>The text to import, "-" for standard input; null imports nothing.</summary>
    public string? Import { get; init; }

    /// <summary>Whether a text is only looked at.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether lines say how far long work is, where nobody watches.</summary>
    public bool Progress { get; init; }
}
