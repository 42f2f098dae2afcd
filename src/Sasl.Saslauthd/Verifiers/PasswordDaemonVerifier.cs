using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>A verifier that asks a daemon over a socket of the file system: one connection a password.</summary>
/// <remarks>
/// A daemon that cannot be asked or does not answer is a temporary failure: <see cref="SaslUnavailableException"/>, whose sentence names the
/// socket and what to do. What cannot be sent, such as a password that is too long or contains a NUL, is a mismatch, and the daemon never sees
/// it. An empty password is never sent. The daemon's reason becomes <see cref="PasswordVerdict.Reason"/>. Thread-safe.
/// </remarks>
public abstract class PasswordDaemonVerifier : IPasswordVerifier, IDisposable
{
    private readonly DaemonReplyTest _isComplete;

    private protected PasswordDaemonVerifier(DaemonProfile profile, ImmutableArray<string> paths, PasswordDaemonLimits limits)
    {
        Name = profile.Name;
        Socket = new DaemonSocket(profile, paths, limits);
        _isComplete = IsComplete;
    }

    /// <summary>The daemon's name, as <c>pwcheck_method</c> has it.</summary>
    public string Name { get; }

    /// <summary>Where its socket is looked for, in this order. The first that exists is used.</summary>
    public ImmutableArray<string> Paths => Socket.Paths;

    private protected DaemonSocket Socket { get; }

    /// <inheritdoc/>
    /// <exception cref="SaslUnavailableException">The daemon cannot be asked, or does not answer.</exception>
    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        var message = new SecureBufferWriter();
        return AskAsync(password.IsEmpty ? "the password is empty" : Write(user, password.Span, service, message), message, cancellationToken);
    }

    /// <summary>Says what the daemon will be told of a user, for the administrator.</summary>
    /// <param name="user">Who logs in.</param>
    /// <param name="service">Where.</param>
    /// <returns>Names and values, without a password.</returns>
    public abstract ImmutableArray<KeyValuePair<string, string>> DescribeQuestion(SaslUser user, SaslServiceInfo service);

    /// <summary>Says whether the daemon can be asked, without anybody's password.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual ValueTask<PasswordDaemonState> ProbeAsync(CancellationToken cancellationToken) => LookAsync(cancellationToken);

    /// <summary>Says whether the daemon takes a connection, and asks it nothing. Waits only where its queue is full.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<PasswordDaemonState> LookAsync(CancellationToken cancellationToken) =>
        await Socket.TouchAsync(cancellationToken).ConfigureAwait(false) is { } trouble
            ? new PasswordDaemonState(trouble.Fault, trouble.Text)
            : new PasswordDaemonState(null, $"{Socket.PathInUse} takes connections");

    /// <summary>Lets no more be asked.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        GC.SuppressFinalize(this);
    }

    // Why it cannot be sent, or null.
    private protected abstract string? Write(SaslUser user, ReadOnlySpan<byte> password, SaslServiceInfo service, SecureBufferWriter message);

    // Sends what was written, unless there is a reason not to; erases it in any case.
    private protected async ValueTask<PasswordVerdict> AskAsync(string? refusal, SecureBufferWriter message, CancellationToken cancellationToken)
    {
        using (message)
        {
            if (refusal is not null)
                return Verdict(PasswordOutcome.Mismatch, $"not asked: {refusal}");
            if (await Socket.AskAsync(message, _isComplete, cancellationToken).ConfigureAwait(false) is { } trouble)
                throw trouble.ToException();
            return Judge(message.WrittenSpan);
        }
    }

    private protected abstract bool IsComplete(ReadOnlySpan<byte> received, bool ended);

    private protected abstract PasswordVerdict Judge(ReadOnlySpan<byte> reply);

    private protected PasswordVerdict Verdict(PasswordOutcome outcome, string? reason = null) => new(outcome, Name) { Reason = reason };

    private protected SaslUnavailableException Trouble(PasswordDaemonFault fault, string? reason = null)
    {
        string text = Socket.Describe(fault).Text;
        return new SaslUnavailableException(reason is null ? text : $"{text}: {reason}");
    }
}
