using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>Asks saslauthd: Cyrus SASL's <c>pwcheck_method: saslauthd</c> (<c>lib/checkpw.c</c>).</summary>
/// <remarks>
/// The daemon is told, beside the password, the login, the service's registered name (<c>smtp</c>) and the realm, split from the login at the
/// <em>last</em> <c>@</c>; a name without one has the connection's realm, or none. See <see cref="PasswordDaemonVerifier"/> for what becomes of
/// failures. A reply that is neither a yes nor a no, and a no that says the daemon could not check, are temporary failures, too.
/// </remarks>
public sealed class SaslauthdVerifier : PasswordDaemonVerifier
{
    private const string SocketName = "mux";
    private const int LongestFolder = 100;    // so that the socket's name fits into sun_path, too

    private static readonly DaemonProfile s_profile = new("saslauthd", SaslauthdReply.MaxLength)
    {
        AbsentHint = "start it, or set saslauthd_path (a Postfix in a chroot sees only what is below /var/spool/postfix: start saslauthd with "
            + "-m /var/spool/postfix/var/run/saslauthd there)",
        ForbiddenHint = "make its user a member of the group that may enter the folder (Debian: adduser USER sasl), and start it again",
        SilentHint = ": what it asks in turn is slow, or it hangs; the development version of Cyrus SASL waits for the client's address "
            + "(saslauthd_client_address: yes)",
    };

    // What the original says when the fault is not the password's. Cyrus SASL's library calls it a wrong password all the same.
    private static readonly FrozenSet<string> s_inabilities = new[]
    {
        "internal mechanism failure",
        "PAM start error",
        "saslauthd internal error",
        "krb5_verify_init_creds failed",
        "Insufficient permission to access NIS authentication database (saslauthd)",
        "[ALERT] saslauthd internal error",
        "[ALERT] The remote authentication server is currently unavailable",
        "[ALERT] Unexpected response from remote authentication server",
        "[ALERT] No address given",
        "[ALERT] Couldn't contact remote authentication server",
        "[ALERT] error synchronizing with remote authentication server",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly ImmutableArray<string> s_systemTroubles =
        ["Permission denied", "Too many open files", "Too many open files in system", "Cannot allocate memory", "Input/output error", "Connection refused"];

    private readonly bool _sendClientAddress;

    /// <summary>Makes one. The daemon need not run yet.</summary>
    /// <param name="options">Where it is and how it is asked; null takes the defaults.</param>
    /// <exception cref="ArgumentException">No socket can have that path, or a limit makes no sense.</exception>
    public SaslauthdVerifier(SaslauthdVerifierOptions? options = null)
        : base(s_profile, PathsOf(options?.Path), (options ?? new()).Limits) => _sendClientAddress = options?.SendClientAddress is true;

    /// <summary>Where sockets of saslauthd are found, in the order they are tried: where Debian, Fedora, Arch Linux and FreeBSD have it; Cyrus SASL's own
    /// default; SUSE's; OpenBSD's; and, for a process outside the chroot of Postfix on Debian, the one inside.</summary>
    public static ImmutableArray<string> UsualPaths { get; } =
    [
        "/var/run/saslauthd/mux",
        "/run/saslauthd/mux",
        "/var/state/saslauthd/mux",
        "/run/sasl2/mux",
        "/var/sasl2/mux",
        "/var/spool/postfix/var/run/saslauthd/mux",
    ];

    /// <summary>Verifies the password of a login whose parts are sent as they are.</summary>
    /// <param name="login">The login.</param>
    /// <param name="password">The password's octets.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SaslUnavailableException">The daemon cannot be asked, or does not answer.</exception>
    public ValueTask<PasswordVerdict> VerifyLoginAsync(SaslauthdLogin login, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        var message = new SecureBufferWriter();
        return AskAsync(new SaslauthdRequest(login.Name, login.Service, login.Realm, login.Client).Write(password.Span, message), message, cancellationToken);
    }

    /// <inheritdoc/>
    public override ImmutableArray<KeyValuePair<string, string>> DescribeQuestion(SaslUser user, SaslServiceInfo service)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        SaslauthdRequest request = MakeRequest(user, service);
        ImmutableArray<KeyValuePair<string, string>> always = [new("login", request.Login), new("realm", request.Realm), new("service", request.Service)];
        return request.Client is { } client ? always.Add(new("client", client)) : always;
    }

    /// <summary>Asks for a login that is impossible, and expects a no.</summary>
    /// <inheritdoc/>
    public override async ValueTask<PasswordDaemonState> ProbeAsync(CancellationToken cancellationToken)
    {
        using var message = new SecureBufferWriter();
        SaslauthdRequest.WriteImpossible(_sendClientAddress, message);
        if (await Socket.AskAsync(message, IsComplete, cancellationToken).ConfigureAwait(false) is { } trouble)
            return new PasswordDaemonState(trouble.Fault, trouble.Text);
        SaslauthdReply.TryGetText(message.WrittenSpan, out ReadOnlySpan<byte> text);
        return SaslauthdReply.Judge(text, out _) switch
        {
            SaslauthdReplyKind.Refused => new PasswordDaemonState(null, $"{Socket.PathInUse} answers"),
            SaslauthdReplyKind.Accepted => new PasswordDaemonState(
                PasswordDaemonFault.Garbage, $"what listens on {Socket.PathInUse} accepts a login that is impossible: it would let everybody in"),
            SaslauthdReplyKind.Garbage => new PasswordDaemonState(PasswordDaemonFault.Garbage, Socket.Describe(PasswordDaemonFault.Garbage).Text),
        };
    }

    private protected override string? Write(SaslUser user, ReadOnlySpan<byte> password, SaslServiceInfo service, SecureBufferWriter message) =>
        MakeRequest(user, service).Write(password, message);

    private protected override bool IsComplete(ReadOnlySpan<byte> received, bool ended) => SaslauthdReply.IsComplete(received);

    private protected override PasswordVerdict Judge(ReadOnlySpan<byte> reply)
    {
        SaslauthdReply.TryGetText(reply, out ReadOnlySpan<byte> text);
        SaslauthdReplyKind kind = SaslauthdReply.Judge(text, out ReadOnlySpan<byte> words);
        string? reason = DaemonText.Printable(words);
        return kind switch
        {
            SaslauthdReplyKind.Accepted => Verdict(PasswordOutcome.Match, reason),
            SaslauthdReplyKind.Refused when reason is not null && IsInability(reason) => throw Trouble(PasswordDaemonFault.Unable, reason),
            SaslauthdReplyKind.Refused => Verdict(PasswordOutcome.Mismatch, reason),
            SaslauthdReplyKind.Garbage => throw Trouble(PasswordDaemonFault.Garbage),
        };
    }

    // Behind these words the original writes what the system says, which for a user who does not exist is "No such file or directory".
    private static bool IsInability(string reason) => s_inabilities.Contains(reason)
        || ((reason.StartsWith("Username lookup failure: ", StringComparison.Ordinal) || reason.StartsWith("Username shadow lookup failure: ", StringComparison.Ordinal))
            && s_systemTroubles.Any(trouble => reason.EndsWith(trouble, StringComparison.Ordinal)));

    // A folder cannot be connected to; whoever names it means the socket that saslauthd -m makes in it.
    // One that is not there yet may become either.
    private static ImmutableArray<string> PathsOf(string? path) => path is null ? UsualPaths
        : Directory.Exists(path) ? [Path.Combine(path, SocketName)]
        : Path.Exists(path) || Path.GetFileName(path) == SocketName || path.Length == 0 || path.Length > LongestFolder ? [path]
        : [Path.Combine(path, SocketName), path];

    private SaslauthdRequest MakeRequest(SaslUser user, SaslServiceInfo service)
    {
        (string login, string realm) = Split(user, service.Realm);
        string? client = _sendClientAddress ? SaslauthdClientAddress.Of(service.Channel.Remote) : null;
        return new SaslauthdRequest(login, service.Service, realm, client);
    }

    // At the last @ of the whole name. Canonicalizers split at the first, as Cyrus SASL's stores do.
    private static (string Login, string Realm) Split(SaslUser user, string connectionRealm)
    {
        if (!user.Realm.Contains('@', StringComparison.Ordinal) && (user.Realm.Length > 0 || !user.Name.Contains('@', StringComparison.Ordinal)))
            return (user.Name, user.Realm.Length > 0 ? user.Realm : connectionRealm);
        string whole = user.ToString();
        int at = whole.LastIndexOf('@');
        return (whole[..at], whole[(at + 1)..]);
    }
}
