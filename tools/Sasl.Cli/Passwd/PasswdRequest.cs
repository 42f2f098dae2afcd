namespace Sasl.Cli;

/// <summary>What the arguments of <c>sasl passwd</c> ask for.</summary>
/// <param name="UserId">The user as typed.</param>
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
}
