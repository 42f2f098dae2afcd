using System.Text;

namespace Sasl.Smtp;

/// <summary>Answers whether a client may use a sender address (Postfix: the <c>reject_sender_login_mismatch</c> family).</summary>
/// <remarks>Logins are compared without regard to case, as Postfix does. The login is the name the identity prints: <c>bob</c>, or
/// <c>bob@example.com</c> where the service has a realm; tables must use the same form. Thread-safe.</remarks>
/// <param name="source">Knows the owners.</param>
public sealed class SmtpSenderCheck(ISenderLoginSource source)
{
    private static readonly ReadOnlyMemory<byte> s_notOwned =
        Encoding.ASCII.GetBytes("553 5.7.1 Sender address rejected: not owned by the authenticated user");

    private static readonly ReadOnlyMemory<byte> s_notLoggedIn =
        Encoding.ASCII.GetBytes("553 5.7.1 Sender address rejected: not logged in");

    /// <summary>Judges a sender address.</summary>
    /// <param name="sender">The address as it stands between the angle brackets of MAIL; empty for the null sender.</param>
    /// <param name="identity">Who the client is; null, or anonymous, when it is nobody.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public ValueTask<SenderLoginVerdict> JudgeAsync(
        string sender, SaslIdentity? identity, CancellationToken cancellationToken = default) =>
        JudgeAsync(sender, identity is null or { IsAnonymous: true } ? null : identity.Authorized.ToString(), cancellationToken);

    /// <summary>Judges a sender address for a login by name.</summary>
    /// <param name="sender">The address as it stands between the angle brackets of MAIL; empty for the null sender.</param>
    /// <param name="login">As whom the client acts; null when it is not logged in.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public async ValueTask<SenderLoginVerdict> JudgeAsync(string sender, string? login, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sender);
        if (sender.Length == 0)
            return SenderLoginVerdict.Allowed;
        IReadOnlyList<string>? owners = await source.FindOwnersAsync(sender, cancellationToken).ConfigureAwait(false);
        return (owners, login) switch
        {
            (null, null) => SenderLoginVerdict.Allowed,
            (null, _) => SenderLoginVerdict.NotOwned,
            (_, null) => SenderLoginVerdict.NotLoggedIn,
            _ => owners.Contains(login, StringComparer.OrdinalIgnoreCase) ? SenderLoginVerdict.Allowed : SenderLoginVerdict.Mismatch,
        };
    }

    /// <summary>Says whether a rule refuses a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="reply">The reply to MAIL or RCPT, without CRLF; empty when the result is false.</param>
    public static bool Refuses(SenderLoginVerdict verdict, SenderLoginRule rule, out ReadOnlyMemory<byte> reply)
    {
        reply = verdict switch
        {
            SenderLoginVerdict.Allowed => default,
            SenderLoginVerdict.Mismatch => rule is SenderLoginRule.RejectUnauthenticatedSenderLoginMismatch ? default : s_notOwned,
            SenderLoginVerdict.NotOwned => rule is SenderLoginRule.RejectSenderLoginMismatch
                or SenderLoginRule.RejectAuthenticatedSenderLoginMismatch ? s_notOwned : default,
            SenderLoginVerdict.NotLoggedIn => rule is SenderLoginRule.RejectAuthenticatedSenderLoginMismatch ? default : s_notLoggedIn,
        };
        return !reply.IsEmpty;
    }
}
