namespace Sasl.Saslauthd;

/// <summary>What the original answers, word for word, behind OK or NO.</summary>
internal static class RimapReasons
{
    public const string Accepted = "remote authentication successful";
    public const string Rejected = "remote server rejected your credentials";
    public const string Unreachable = "[ALERT] Couldn't contact remote authentication server";
    public const string Unavailable = "[ALERT] The remote authentication server is currently unavailable";
    public const string Unexpected = "[ALERT] Unexpected response from remote authentication server";
    public const string Lost = "[ALERT] error synchronizing with remote authentication server";
}
