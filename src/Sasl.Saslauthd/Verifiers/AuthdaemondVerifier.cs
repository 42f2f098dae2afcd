using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Asks Courier's authdaemond: Cyrus SASL's <c>pwcheck_method: authdaemond</c> (<c>lib/checkpw.c</c>).</summary>
/// <remarks>
/// <code>
/// request = "AUTH " length LF lines LF        ; the length of the four lines
/// lines   = service LF "login" LF name LF password LF
/// reply   = "FAIL" LF / *(key "=" value LF) "." LF
/// </code>
/// What contains a line end or a NUL is not sent: Cyrus SASL sends it, and a password could then say more than a password.
/// </remarks>
public sealed class AuthdaemondVerifier : PasswordDaemonVerifier
{
    /// <summary>How many octets of a reply are read (Cyrus: a buffer of 8192).</summary>
    public const int MaxReplyLength = 8191;

    /// <summary>The longest four lines, in octets (Cyrus: four digits).</summary>
    public const int MaxLinesLength = 9999;

    private static readonly DaemonProfile s_profile = new("authdaemond", MaxReplyLength)
    {
        AbsentHint = "start it, or set authdaemond_path",
        ForbiddenHint = "make its user a member of the group that may enter the folder (Debian: adduser USER courier), and start it again",
    };

    /// <summary>Makes one. The daemon need not run yet.</summary>
    /// <param name="path">The socket; null looks at <see cref="UsualPaths"/>.</param>
    /// <param name="limits">How long and how often it is asked at once; null takes <see cref="DefaultLimits"/>.</param>
    /// <exception cref="ArgumentException">No socket can have that path, or a limit makes no sense.</exception>
    public AuthdaemondVerifier(string? path = null, PasswordDaemonLimits? limits = null)
        : base(s_profile, path is null ? UsualPaths : [path], limits ?? DefaultLimits)
    {
    }

    /// <summary>Where Courier's packages have the socket, in the order they are tried: Debian's and Courier's own. Cyrus SASL has no usable default.</summary>
    public static ImmutableArray<string> UsualPaths { get; } =
        ["/run/courier/authdaemon/socket", "/var/spool/authdaemon/socket"];

    /// <summary>What it takes when nothing else is said: thirty seconds, as Cyrus SASL waits.</summary>
    public static PasswordDaemonLimits DefaultLimits { get; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <inheritdoc/>
    public override ImmutableArray<KeyValuePair<string, string>> DescribeQuestion(SaslUser user, SaslServiceInfo service)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        return [new("login", user.ToString()), new("service", service.Service)];
    }

    private protected override string? Write(SaslUser user, ReadOnlySpan<byte> password, SaslServiceInfo service, SecureBufferWriter message)
    {
        byte[] head = Encoding.UTF8.GetBytes($"{service.Service}\nlogin\n{user}\n");
        if (HasSeparator(Encoding.UTF8.GetBytes(service.Service)) || HasSeparator(Encoding.UTF8.GetBytes(user.ToString())) || HasSeparator(password))
            return "the login name, the password or the service contains a line end or a NUL";
        int length = head.Length + password.Length + 1;
        if (length > MaxLinesLength)
            return "the login name and the password are longer than authdaemond takes";
        message.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"AUTH {length}\n")));
        message.Write(head);
        message.Write(password);
        message.Write("\n\n"u8);
        return null;
    }

    private protected override bool IsComplete(ReadOnlySpan<byte> received, bool ended) => AuthdaemondReply.FindAnswer(received) is not null;

    private protected override PasswordVerdict Judge(ReadOnlySpan<byte> reply) =>
        Verdict(AuthdaemondReply.FindAnswer(reply) is true ? PasswordOutcome.Match : PasswordOutcome.Mismatch);

    private static bool HasSeparator(ReadOnlySpan<byte> octets) => octets.ContainsAny((byte)'\n', (byte)'\r', (byte)0);
}
