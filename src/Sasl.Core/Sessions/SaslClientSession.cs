namespace Sasl;

/// <summary>One connection's negotiation, seen from the client.</summary>
/// <remarks>
/// One call at a time; a second one throws. <see cref="StartAsync"/> chooses a mechanism and gives the initial response; <see cref="StepAsync"/>
/// answers each challenge; <see cref="CompleteAsync"/> is called when the server reports success, and fails unless the server has proved
/// what the mechanism lets it prove. What a server sends never makes it throw.
/// </remarks>
public sealed class SaslClientSession : IDisposable
{
    private const string OneCaller = "Another call on this session is under way; a session serves one caller at a time.";

    private readonly ClientSessionContext _context;
    private State _state;
    private SaslExchange? _exchange;
    private SingleCaller _caller;

    internal SaslClientSession(SaslClient client, SaslChannel channel) => _context = new ClientSessionContext(client, channel);

    private enum State
    {
        Idle,
        InProgress,
        FinishedUnlessRefused,
        Finished,
        Refused,
        Succeeded,
    }

    /// <summary>The mechanism chosen; null before the start and when none fits.</summary>
    public SaslMechanism? Mechanism { get; private set; }

    /// <summary>The connection.</summary>
    public SaslChannel Channel => _context.Connection;

    /// <summary>Whether the login is complete on both sides.</summary>
    public bool IsAuthenticated => _state is State.Succeeded;

    /// <summary>Whether the client has said and seen all that the mechanism has; only the server's verdict is awaited.</summary>
    public bool IsFinished => _state is State.Finished or State.Succeeded;

    /// <summary>Why the last exchange failed, or how the server refused it inside the mechanism: a constant for the user or the log; null while it has not.</summary>
    public string? FailureDetail { get; private set; }

    /// <summary>What to wrap the connection in, after success, if anything was negotiated. The caller disposes it.</summary>
    public SaslSecurityLayer? SecurityLayer => _state is State.Succeeded ? _exchange?.SecurityLayer : null;

    /// <summary>Explains, for every known mechanism, whether it can be used against what the server offered last and which rule hid it.</summary>
    public SelectionReport Explain() => ClientJudge.Explain(Client, _context);

    /// <summary>Chooses the best mechanism that both sides have and begins.</summary>
    /// <param name="offered">The names the server offers, in any order and case. All of them, because SCRAM tells the server whether
    /// an offer to bind has been removed on the way; <see cref="SaslPolicy.Allow"/> leaves mechanisms out.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>
    /// Continue with the initial response in the message, or without a message when the server speaks first; or a failure:
    /// <see cref="SaslError.MechanismUnavailable"/> when none fits, for which <see cref="Explain"/> gives the reasons.
    /// </returns>
    public ValueTask<SaslReply> StartAsync(IEnumerable<string> offered, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offered);
        _caller.Enter(this, OneCaller);
        try
        {
            if (_state is State.Succeeded)
                throw new InvalidOperationException("The session is authenticated already; a connection authenticates once.");
            Reset();
            FailureDetail = null;
            _context.OfferedNames = offered is string[] names ? [.. names] : [.. offered];    // an array is copied in one piece
            Mechanism = Choose();
            if (Mechanism is null)
            {
                FailureDetail = "no mechanism fits both sides";
                return new(Leave(SessionAnswer.Failed(SaslError.MechanismUnavailable)));
            }
            _exchange = Mechanism.Client!(_context);
            _state = State.InProgress;
            if (Mechanism.FirstMove is SaslFirstMove.Server)
                return new(Leave(new SessionAnswer(SaslStatus.Continue, SaslError.None, HasMessage: false)));
        }
        catch
        {
            Leave();
            throw;
        }
        ValueTask<SaslReply> advancing = AdvanceAsync(default, cancellationToken);
        return advancing.IsCompletedSuccessfully ? new(Open(advancing.Result)) : OpenAsync(advancing);
    }

    /// <summary>Answers the server's next challenge.</summary>
    /// <param name="challenge">The challenge, perhaps empty.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>Continue with the response in the message; or a failure, after which the exchange must be cancelled.</returns>
    /// <exception cref="InvalidOperationException">No exchange is in progress, or another call is under way.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ValueTask<SaslReply> StepAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken = default)
    {
        _caller.Enter(this, OneCaller);
        if (_state is State.InProgress or State.FinishedUnlessRefused)
            return AdvanceAsync(challenge, cancellationToken);
        if (_state is State.Refused)
            return new(Leave(Fail(SaslError.Malformed, "the server went on after it had refused")));
        // A server that asks again after the end would get the password a second time.
        if (_state is State.Finished)
            return new(Leave(Fail(SaslError.Malformed, "the server asked again after the end of the exchange")));
        Leave();
        throw new InvalidOperationException("No exchange is in progress.");
    }

    /// <summary>The server has reported success.</summary>
    /// <param name="successData">The data that came with it; null when the protocol carries none or none came.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>Success; or a failure when the server has not proved what the mechanism lets it prove: the connection must be closed.</returns>
    /// <exception cref="InvalidOperationException">No exchange is in progress, or another call is under way.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ValueTask<SaslReply> CompleteAsync(ReadOnlyMemory<byte>? successData = null, CancellationToken cancellationToken = default)
    {
        _caller.Enter(this, OneCaller);
        if (_state is State.Idle or State.Succeeded)
        {
            Leave();
            throw new InvalidOperationException("No exchange is in progress.");
        }
        if (_state is State.InProgress && successData is { } data)
            return FinishAsync(ConcludeAsync(data, cancellationToken));
        return new(Leave(_state is State.Finished or State.FinishedUnlessRefused && successData is { IsEmpty: false }
            ? Fail(SaslError.Malformed, "success data after the end of the exchange")
            : Conclude()));
    }

    /// <summary>The exchange cannot go on, or the application gives up: forgets the exchange. The session is ready for another attempt.</summary>
    /// <exception cref="InvalidOperationException">The session is authenticated already, or another call is under way.</exception>
    public void Abort() => GiveUp(refused: false);

    /// <summary>The server said that the credentials are wrong (535 in SMTP, NO with AUTHENTICATIONFAILED in IMAP): forgets the exchange as
    /// <see cref="Abort"/> does, and a source of access tokens hears of it when it is asked next.</summary>
    /// <exception cref="InvalidOperationException">The session is authenticated already, or another call is under way.</exception>
    public void ServerRefused() => GiveUp(refused: true);

    /// <summary>Erases what is secret, after the call under way if there is one.</summary>
    public void Dispose()
    {
        if (_caller.Close())
            Erase();
    }

    private void GiveUp(bool refused)
    {
        if (_caller.IsClosed)
            return;
        _caller.Enter(this, OneCaller);
        try
        {
            if (_state is State.Succeeded)
                throw new InvalidOperationException("The session is authenticated already; there is nothing to give up.");
            if (refused && _state is not State.Refused)
                _exchange?.OnRefused();
            Reset();
        }
        finally
        {
            Leave();
        }
    }

    private SaslClient Client => _context.Client;

    private async ValueTask<SessionAnswer> ConcludeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        SessionAnswer answer = await StepExchangeAsync(data, cancellationToken).ConfigureAwait(false);
        return answer.Status is SaslStatus.Failure ? answer
            : !_context.Written.IsEmpty ? Fail(SaslError.Malformed, "the server ended the exchange while the client had more to say")
            : Conclude();
    }

    private SessionAnswer Conclude()
    {
        if (_state is State.Refused)
            return Fail(SaslError.Malformed, "the server reported success after it had refused");
        if (_state is not (State.Finished or State.FinishedUnlessRefused))
        {
            return Mechanism!.Security.HasFlag(SaslSecurityFlags.MutualAuth)
                ? Fail(SaslError.ServerNotAuthentic, "the server reported success without proving that it knows the secret")
                : Fail(SaslError.Malformed, "the server reported success before the exchange had ended");
        }
        _state = State.Succeeded;
        return SessionAnswer.Succeeded(hasMessage: false);
    }

    // Left alone, what binds to the channel comes before what does not, whatever the hash; a list of one's own is taken as it stands.
    private SaslMechanism? Choose()
    {
        SaslMechanism? first = null;
        foreach (SaslMechanism mechanism in Client.Ordered)
        {
            if (ClientJudge.Judge(mechanism, _context, Client.Options) is not SelectionReason.Offered)
                continue;
            if (mechanism.RequiresChannelBinding || !Client.Options.Policy.Allow.IsEmpty)
                return mechanism;
            first ??= mechanism;
        }
        return first;
    }

    // Whoever may speak first and writes nothing leaves it to the server; whoever has to speak first sends what it writes, even if that is nothing.
    private SaslReply Open(in SaslReply reply) =>
        reply.Status is SaslStatus.Continue && reply.Message is { IsEmpty: true } && Mechanism!.FirstMove is SaslFirstMove.Either
            ? SaslReply.Continue(null)
            : reply;

    private async ValueTask<SaslReply> OpenAsync(ValueTask<SaslReply> advancing) => Open(await advancing.ConfigureAwait(false));

    // What answers at once, as most exchanges do, needs no state to come back to (docs/decisions/0033).
    private ValueTask<SaslReply> AdvanceAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        ValueTask<SessionAnswer> stepping = StepExchangeAsync(input, cancellationToken);
        return stepping.IsCompletedSuccessfully ? new(Leave(stepping.Result)) : FinishAsync(stepping);
    }

    private async ValueTask<SaslReply> FinishAsync(ValueTask<SessionAnswer> stepping)
    {
        SessionAnswer answer;
        try
        {
            answer = await stepping.ConfigureAwait(false);
        }
        catch
        {
            Leave();
            throw;
        }
        return Leave(answer);
    }

    // Does not throw: whatever is thrown is the task's, so that TakeAsync sees all of it.
    private ValueTask<SessionAnswer> StepExchangeAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (input.Length > Client.Options.MaxMessageLength)
            return new(Fail(SaslError.MessageTooLong, "message longer than the configured limit"));
        ValueTask<SaslStep> stepping;
        try
        {
            _context.ClearOutput();
            stepping = _exchange!.StepAsync(input, _context, cancellationToken);
            if (stepping.IsCompletedSuccessfully)
                return new(Take(stepping.Result));
        }
#pragma warning disable CA1031 // Moved into the task.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            stepping = ValueTask.FromException<SaslStep>(exception);
        }
        return TakeAsync(stepping);
    }

    private async ValueTask<SessionAnswer> TakeAsync(ValueTask<SaslStep> stepping)
    {
        try
        {
            return Take(await stepping.ConfigureAwait(false));
        }
        catch
        {
            Reset();    // a token source or a prompt threw, or the caller cancelled: the caller's own matter, but nothing secret stays
            throw;
        }
    }

    private SessionAnswer Take(in SaslStep step)
    {
        if (step.Status is SaslStatus.Failure)
            return Fail(step);
        _state = Next(step);
        return SessionAnswer.Continue;
    }

    private State Next(in SaslStep step)
    {
        if (step.Status is SaslStatus.Success)
            return step.MayBeRefused ? State.FinishedUnlessRefused : State.Finished;
        if (step.Error is SaslError.None)
            return _state is State.FinishedUnlessRefused ? throw new InvalidOperationException("A client exchange went on after its end.") : State.InProgress;
        FailureDetail = step.Diagnostic;
        return State.Refused;
    }

    private SessionAnswer Fail(in SaslStep step) => step.Error is SaslError.None
        ? throw new InvalidOperationException("A client exchange failed without saying why.")
        : Fail(step.Error, step.Diagnostic!);

    private SessionAnswer Fail(SaslError error, string detail)
    {
        FailureDetail = detail;
        Reset();
        return SessionAnswer.Failed(error);
    }

    private void Reset()
    {
        _exchange?.Dispose();
        _exchange = null;
        _state = State.Idle;
        _context.ClearOutput();
    }

    private void Erase()
    {
        Reset();
        _context.DisposeOutput();
    }

    // A session that was disposed during the call has no buffer any more that a message could be in.
    private SaslReply Leave(SessionAnswer answer)
    {
        SaslReply reply = answer.With(_context.Written);
        return Leave() ? SaslReply.Failed(SaslError.Aborted) : reply;
    }

    private bool Leave()
    {
        bool closed = _caller.Leave();
        if (closed)
            Erase();
        return closed;
    }
}
