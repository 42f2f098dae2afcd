using System.Collections.Immutable;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Asks the pwcheck daemon, which saslauthd has replaced: Cyrus SASL's <c>pwcheck_method: pwcheck</c> (<c>lib/checkpw.c</c>).</summary>
/// <remarks>
/// <code>
/// request = name NUL password NUL     ; the name with its realm
/// reply   = text                      ; until the daemon closes: OK, or why not
/// </code>
/// Cyrus SASL passes the reply on as a format string; here it is never more than text.
/// </remarks>
public sealed class PwcheckVerifier : PasswordDaemonVerifier
{
    /// <summary>Where the socket is unless said otherwise (Cyrus: PWCHECKDIR).</summary>
    public const string DefaultPath = "/var/pwcheck/pwcheck";

    /// <summary>The longest request that the daemon takes, in octets.</summary>
    public const int MaxRequestLength = 1023;

    /// <summary>How many octets of a reply are read.</summary>
    public const int MaxReplyLength = 1023;

    private static readonly DaemonProfile s_profile = new("pwcheck", MaxReplyLength)
    {
        AbsentHint = "start it, or set pwcheck_path; saslauthd has replaced it",
        ForbiddenHint = "let its user enter the folder, and start it again",
    };

    /// <summary>Makes one. The daemon need not run yet.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="limits">How long and how often it is asked at once; null takes the defaults.</param>
    /// <exception cref="ArgumentException">No socket can have that path, or a limit makes no sense.</exception>
    public PwcheckVerifier(string path = DefaultPath, PasswordDaemonLimits? limits = null)
        : base(s_profile, [path], limits ?? new())
    {
    }

    /// <inheritdoc/>
    public override ImmutableArray<KeyValuePair<string, string>> DescribeQuestion(SaslUser user, SaslServiceInfo service)
    {
        ArgumentNullException.ThrowIfNull(user);
        return [new("login", user.ToString())];
    }

    private protected override string? Write(SaslUser user, ReadOnlySpan<byte> password, SaslServiceInfo service, SecureBufferWriter message)
    {
        byte[] name = Encoding.UTF8.GetBytes(user.ToString());
        if (name.AsSpan().Contains((byte)0) || password.Contains((byte)0))
            return "the login name or the password contains a NUL";
        if (name.Length + 1 + password.Length + 1 > MaxRequestLength)
            return "the login name and the password are longer than pwcheck takes";
        message.Write(name);
        message.Write("\0"u8);
        message.Write(password);
        message.Write("\0"u8);
        return null;
    }

    // A connection that ends without a word says nothing.
    private protected override bool IsComplete(ReadOnlySpan<byte> received, bool ended) => ended && !received.IsEmpty;

    private protected override PasswordVerdict Judge(ReadOnlySpan<byte> reply)
    {
        PasswordOutcome outcome = PwcheckReply.Judge(reply, out ReadOnlySpan<byte> words);
        string? reason = DaemonText.Printable(words);
        return outcome is PasswordOutcome.Unavailable ? throw Trouble(PasswordDaemonFault.Unable, reason) : Verdict(outcome, reason);
    }
}
