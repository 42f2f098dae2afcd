namespace Sasl.Saslauthd;

/// <summary>What an administrator can do about each trouble with one kind of daemon.</summary>
/// <param name="Name">The daemon's name, which <c>pwcheck_method</c> has for it, too.</param>
/// <param name="MaxReplyLength">How many octets of a reply are read.</param>
internal sealed record DaemonProfile(string Name, int MaxReplyLength)
{
    /// <summary>What to do when there is no socket.</summary>
    public required string AbsentHint { get; init; }

    /// <summary>What to do when this process may not use the socket.</summary>
    public required string ForbiddenHint { get; init; }

    /// <summary>What may be wrong when it does not answer.</summary>
    public string SilentHint { get; init; } = "";
}
