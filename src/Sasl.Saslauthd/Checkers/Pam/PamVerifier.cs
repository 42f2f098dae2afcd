using System.Net;

namespace Sasl.Saslauthd;

/// <summary>Asks PAM whether a password is right and the account may be used: <c>saslauthd -a pam</c>.</summary>
/// <remarks>
/// <para>The name of the service that asks, such as <c>smtp</c>, says which file of <c>/etc/pam.d</c> decides. Both the authentication and the
/// account phase must succeed. The client's address, where it is known, is PAM's remote host.</para>
/// <para>Modules may need the rights of root, and hold a thread: checks run on a work queue. Modules need to be safe for threads; for one that is
/// not, pass a queue that runs one check at a time. The delay that modules ask for after a failure is waited for without a thread, at most
/// <see cref="MaxFailureDelay"/>. A check that was begun runs to its end; cancelling ends only the waiting.</para>
/// </remarks>
public sealed class PamVerifier : IPasswordVerifier
{
    private const string Name = "pam";

    private readonly SaslWorkQueue _work;
    private readonly PamOptions _options;
    private readonly PamServiceFiles _files;

    /// <summary>Takes the queue to work on.</summary>
    /// <param name="work">Where checks run; the caller disposes it.</param>
    /// <param name="options">How to ask.</param>
    /// <exception cref="SaslConfigurationException">This machine has no PAM, or none that reads another folder.</exception>
    public PamVerifier(SaslWorkQueue work, PamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        _work = work;
        _options = options ?? new PamOptions();
        if (PamLibrary.WhyMissing is string missing)
            throw new SaslConfigurationException($"Passwords cannot be checked with PAM here: {missing}.");
        if (_options.ConfigurationDirectory is not null && !PamLibrary.HasConfigurationDirectory)
            throw new SaslConfigurationException("This machine's PAM reads services from /etc/pam.d only: it is older than Linux-PAM 1.4.");
        _files = new PamServiceFiles(_options.ConfigurationDirectory, _options.Warn);
    }

    /// <summary>The longest delay after a failure that modules get.</summary>
    public static TimeSpan MaxFailureDelay { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The checker for <c>saslauthd -a pam</c>. It takes no option.</summary>
    public static SaslauthdChecker Checker { get; } =
        new(Name, static context => new PamVerifier(context.Work, new PamOptions { Warn = context.Warn, Clock = context.Clock, LeaveDelayToCaller = true }))
        {
            MissingOnPlatform = PamLibrary.WhyMissing,
        };

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        if (PamServiceFiles.WhyNoService(service.Service) is string noService)
            return Answer(PasswordOutcome.Unavailable, $"{PamPhase.Start}: {noService}");
        string login = _options.JoinRealm ? user.ToString() : user.Name;
        if (CheckerInput.WhyNoName(login) is string noName)
            return Answer(PasswordOutcome.UnknownUser, $"{PamPhase.Authenticate}: {noName}");
        if (CheckerInput.WhyNoPassword(password.Span) is string noPassword)
            return Answer(PasswordOutcome.Mismatch, $"{PamPhase.Authenticate}: {noPassword}");

        (PasswordVerdict verdict, TimeSpan delay) = await _work
            .RunAsync(() => Check(service.Service, login, password.Span, HostOf(service.Channel.Remote)), cancellationToken).ConfigureAwait(false);
        if (verdict.Outcome is PasswordOutcome.Match || delay <= TimeSpan.Zero)
            return verdict;
        delay = delay < MaxFailureDelay ? delay : MaxFailureDelay;
        if (_options.LeaveDelayToCaller)
            return verdict with { Delay = delay };
        await Task.Delay(delay, _options.Clock, cancellationToken).ConfigureAwait(false);
        return verdict;
    }

    private (PasswordVerdict Verdict, TimeSpan Delay) Check(string service, string login, ReadOnlySpan<byte> password, string? host)
    {
        string? missing = _files.FindMissing(service);
        using var conversation = new PamConversation(login, password);
        (PamStatus status, PamHandle? handle) = PamHandle.Start(service, login, _options.ConfigurationDirectory, conversation.Callback);
        if (handle is null)
            return (Refuse(PamPhase.Start, status, conversation, missing, PasswordOutcome.Unavailable), default);

        using (handle)
        {
            conversation.Transaction = handle.DangerousGetHandle();
            if ((status = Prepare(handle, host)) is not PamStatus.Success)
                return (Refuse(PamPhase.Start, status, conversation, missing, PasswordOutcome.Unavailable), default);
            if ((status = handle.Authenticate()) is not PamStatus.Success)
                return (Refuse(PamPhase.Authenticate, status, conversation, missing), conversation.Delay);
            if ((status = handle.CheckAccount()) is not PamStatus.Success)
                return (Refuse(PamPhase.Account, status, conversation, missing), conversation.Delay);
        }
        return (new PasswordVerdict(PasswordOutcome.Match, Name), default);
    }

    private static unsafe PamStatus Prepare(PamHandle handle, string? host)
    {
        // Without it PAM sleeps, for two seconds as a rule, on a thread that others wait for.
        PamStatus status = PamLibrary.SetFunction(handle, PamItem.FailDelay, PamConversation.DelayCallback);
        return status is PamStatus.Success && host is not null ? PamLibrary.SetText(handle, PamItem.RemoteHost, host) : status;
    }

    private static PasswordVerdict Refuse(
        string phase, PamStatus status, PamConversation conversation, string? missingFile, PasswordOutcome? outcome = null)
    {
        // A module that got no answer mostly says that authentication failed; the password was not looked at for all that.
        outcome ??= phase == PamPhase.Authenticate && conversation.WasAskedMore ? PasswordOutcome.Unavailable : PamPhase.Judge(status);
        string reason = $"{phase}: {PamLibrary.Describe(status)} ({(int)status})";
        if (conversation.WasAskedMore)
            reason += "; a module asked for more than login and password";
        if (conversation.Said.Count > 0)
            reason += $"; PAM says: {string.Join("; ", conversation.Said)}";
        if (missingFile is not null)
            reason += $"; there is no {missingFile}";
        return Answer(outcome.Value, reason);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reason) => new(outcome, Name) { Reason = reason };

    private static string? HostOf(EndPoint? remote) => remote switch
    {
        IPEndPoint address => (address.Address.IsIPv4MappedToIPv6 ? address.Address.MapToIPv4() : address.Address).ToString(),
        DnsEndPoint name => name.Host,
        _ => null,
    };
}
