using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sasl;

/// <summary>One connection's negotiation, seen from the server.</summary>
/// <remarks>
/// One call at a time; a second one throws. Create a new one when the channel changes, as after STARTTLS. A failed exchange leaves the session
/// ready for another attempt; how many to allow is the application's decision. What a peer sends never makes it throw. The observer hears of
/// every exchange that has started exactly once how it ended.
/// </remarks>
public sealed class SaslServerSession : IDisposable
{
    private const string OneCaller = "Another call on this session is under way; a session serves one caller at a time.";

    private readonly ServerSessionContext _context;
    private State _state;
    private SaslMechanism? _mechanism;
    private SaslExchange? _exchange;
    private SaslIdentity? _identity;
    private Activity? _activity;
    private long _begun;
    private SingleCaller _caller;

    internal SaslServerSession(SaslServer server, SaslChannel channel) =>
        _context = new ServerSessionContext(server, channel, server.Judge.Offer(channel));

    private enum State
    {
        Idle,
        InProgress,
        AwaitingAcknowledgement,
        Succeeded,
    }

    /// <summary>What to offer on this connection, strongest first.</summary>
    public ImmutableArray<SaslMechanism> Mechanisms => _context.Offered;

    /// <summary>The connection.</summary>
    public SaslChannel Channel => _context.Connection;

    /// <summary>Whether the last message may come together with success, as <see cref="SaslServerOptions.SuccessData"/> said.
    /// A profile whose protocol has no room for it refuses such a session.</summary>
    public bool SuccessData => Server.Options.SuccessData;

    /// <summary>Whether an exchange awaits the client's next message.</summary>
    public bool IsInProgress => _state is State.InProgress or State.AwaitingAcknowledgement;

    /// <summary>Who the peer is, after success; null before and after a failure.</summary>
    public SaslIdentity? Identity => _state is State.Succeeded ? _identity : null;

    /// <summary>What to wrap the connection in, after success, if anything was negotiated. The caller disposes it.</summary>
    public SaslSecurityLayer? SecurityLayer => _state is State.Succeeded ? _exchange?.SecurityLayer : null;

    /// <summary>What the client has passed on so that the server can act in its name, after success; null when it has not. The caller disposes it.</summary>
    public SaslDelegatedCredential? DelegatedCredential => _state is State.Succeeded ? _exchange?.DelegatedCredential : null;

    /// <summary>Explains, for every known mechanism, whether it is offered on this connection and which rule hid it.</summary>
    public SelectionReport Explain() => Server.Explain(Channel);

    /// <summary>Begins an exchange with the mechanism the client chose. An exchange that was under way is forgotten.</summary>
    /// <param name="mechanism">Its name as the client sent it, in any case.</param>
    /// <param name="initialResponse">The initial response; null when the client sent none, empty when it sent an empty one.
    /// A null array converts to an empty response: pass null itself.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <exception cref="InvalidOperationException">The peer is authenticated already, or another call is under way.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ValueTask<SaslReply> StartAsync(
        string mechanism, ReadOnlyMemory<byte>? initialResponse = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        _caller.Enter(this, OneCaller);
        try
        {
            OpenAttempt(mechanism);
            if (Refusal(initialResponse is not null) is var (error, diagnostic))
                return new(Leave(Refuse(error, diagnostic)));

            Begin();
            if (initialResponse is null && _mechanism!.FirstMove is SaslFirstMove.Client)
            {
                _context.ClearOutput();
                return new(Leave(SessionAnswer.Continue));
            }
        }
        catch
        {
            Leave();
            throw;
        }
        return AdvanceAsync(initialResponse ?? default, cancellationToken);
    }

    /// <summary>The client wanted to begin with an initial response that its protocol cannot decode or finds too long. Nothing begins, and
    /// the observer hears of it as of every failed attempt.</summary>
    /// <param name="mechanism">The mechanism's name as the client sent it, in any case.</param>
    /// <param name="error">What the peer is told.</param>
    /// <returns>A failure. The session is ready for another attempt.</returns>
    /// <exception cref="InvalidOperationException">The peer is authenticated already, or another call is under way.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public SaslReply RefuseStart(string mechanism, SaslError error)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        _caller.Enter(this, OneCaller);
        try
        {
            OpenAttempt(mechanism);
            return Refuse(error, DiagnosticOf(error)).With(default);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Continues with the client's next response.</summary>
    /// <param name="response">The response, perhaps empty.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <exception cref="InvalidOperationException">No exchange is in progress, or another call is under way.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ValueTask<SaslReply> StepAsync(ReadOnlyMemory<byte> response, CancellationToken cancellationToken = default)
    {
        _caller.Enter(this, OneCaller);
        if (IsInProgress)
            return AdvanceAsync(response, cancellationToken);
        Leave();
        throw new InvalidOperationException("No exchange is in progress.");
    }

    /// <summary>The client gave up (<c>*</c> in SMTP and IMAP), or sent what its protocol cannot decode.</summary>
    /// <param name="error">What the peer is told.</param>
    /// <returns>A failure. The session is ready for another attempt.</returns>
    /// <exception cref="InvalidOperationException">The peer is authenticated already, or another call is under way.</exception>
    public SaslReply Abort(SaslError error = SaslError.Aborted)
    {
        if (_caller.IsClosed)
            return SaslReply.Failed(error);
        _caller.Enter(this, OneCaller);
        try
        {
            if (_state is State.Succeeded)
                throw new InvalidOperationException("The peer is authenticated already; there is nothing to give up.");
            return IsInProgress ? Refuse(error, DiagnosticOf(error)).With(default) : SaslReply.Failed(error);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Erases what is secret, after the call under way if there is one. An identity that was read before stays valid.</summary>
    public void Dispose()
    {
        if (_caller.Close())
            Erase();
    }

    private SaslServer Server => _context.Server;

    private SaslObserver Observer => Server.Options.Observer;

    private void OpenAttempt(string mechanism)
    {
        if (_state is State.Succeeded)
            throw new InvalidOperationException("The peer is authenticated already; a connection authenticates once.");
        if (IsInProgress)
            Refuse(SaslError.Aborted, "the client began another exchange");
        _mechanism = ServerJudge.FindOffered(mechanism, Mechanisms) ?? Server.Judge.Find(mechanism);
        _context.Attempt = Observer == SaslObserver.None ? null : new SaslAttempt(_mechanism, _context.Service);
        _context.Silence = null;
        _context.Grant = null;
    }

    private (SaslError Error, string Diagnostic)? Refusal(bool hasInitialResponse)
    {
        if (_mechanism is null)
            return (SaslError.MechanismUnavailable, "no such mechanism");
        if (!ServerJudge.IsOffered(_mechanism, Mechanisms))
            return (ServerJudge.ErrorOf(Server.Judge.Judge(_mechanism, Channel)), "mechanism not offered on this connection");
        if (hasInitialResponse && _mechanism.FirstMove is SaslFirstMove.Server)
            return (SaslError.Malformed, "initial response to a server-first mechanism");
        return null;
    }

    private static string DiagnosticOf(SaslError abortedWith) => abortedWith is SaslError.Aborted
        ? "cancelled by the client"
        : "the protocol could not decode the response";

    private void Begin()
    {
        _begun = SaslTelemetry.Now;
        _activity = SaslTelemetry.Begin(_mechanism!, _context.Service.Service);
        _state = State.InProgress;
        if (_context.Attempt is { } attempt)
            Observer.Started(attempt);
    }

    // What answers at once, as most exchanges do, needs no state to come back to (docs/decisions/0033).
    private ValueTask<SaslReply> AdvanceAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (_activity is not null)
            return FinishAsync(AnswerInActivityAsync(_activity, input, cancellationToken), cancellationToken);
        ValueTask<SessionAnswer> answering = AnswerAsync(input, cancellationToken);
        return answering.IsCompletedSuccessfully ? new(Leave(answering.Result)) : FinishAsync(answering, cancellationToken);
    }

    private async ValueTask<SaslReply> FinishAsync(ValueTask<SessionAnswer> answering, CancellationToken cancellationToken)
    {
        SessionAnswer answer;
        try
        {
            answer = await HeedAsync(answering, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave();
            throw;
        }
        return Leave(answer);
    }

    private async ValueTask<SessionAnswer> HeedAsync(ValueTask<SessionAnswer> answering, CancellationToken cancellationToken)
    {
        SaslTelemetry.Enter(_activity);    // for what the observer writes
        try
        {
            return await answering.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Refuse(SaslError.Aborted, "cancelled by the server");
            throw;
        }
#pragma warning disable CA1031 // The one place where a back end's exception becomes a value.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Forget(SaslError.TemporaryFailure);
            if (_context.Attempt is { } attempt)
                Observer.BackendThrew(attempt, exception);
            return Refuse(SaslError.TemporaryFailure, "a back end threw");
        }
    }

    // A method of its own: what is current in an asynchronous method is not current any more in its caller.
    private async ValueTask<SessionAnswer> AnswerInActivityAsync(Activity activity, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        SaslTelemetry.Enter(activity);
        return await AnswerAsync(input, cancellationToken).ConfigureAwait(false);
    }

    // Does not throw: whatever is thrown is the task's, so that HeedAsync sees all of it.
    private ValueTask<SessionAnswer> AnswerAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            if (input.Length > Server.Options.MaxMessageLength)
                return new(Refuse(SaslError.MessageTooLong, "message longer than the configured limit"));
            if (_state is State.AwaitingAcknowledgement)
                return new(Acknowledge(input));

            _context.ClearOutput();
            _exchange ??= _mechanism!.Server!(_context);
            ValueTask<SaslStep> stepping = _exchange.StepAsync(input, _context, cancellationToken);
            return stepping.IsCompletedSuccessfully ? TakeAsync(stepping.Result, cancellationToken) : TakeAsync(stepping, cancellationToken);
        }
#pragma warning disable CA1031 // Moved into the task.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<SessionAnswer>(exception);
        }
    }

    private async ValueTask<SessionAnswer> TakeAsync(ValueTask<SaslStep> stepping, CancellationToken cancellationToken) =>
        await TakeAsync(await stepping.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private ValueTask<SessionAnswer> TakeAsync(in SaslStep step, CancellationToken cancellationToken) => step.Status switch
    {
        SaslStatus.Continue => new(SessionAnswer.Continue),
        SaslStatus.Success => AuthorizeAsync(step, cancellationToken),
        SaslStatus.Failure => new(Refuse(step)),
    };

    private SessionAnswer Acknowledge(ReadOnlyMemory<byte> response) => response.IsEmpty
        ? Accept(hasMessage: false)
        : Refuse(SaslError.Malformed, "data where only an acknowledgement fits");

    // No mechanism can forget to authorize, because none of them does it. On a frame of its own: inlined, every step would clear it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<SessionAnswer> AuthorizeAsync(in SaslStep step, CancellationToken cancellationToken)
    {
        SaslUser authenticated = step.User
            ?? throw new InvalidOperationException("A server exchange succeeded without saying as whom.");
        if (!string.IsNullOrEmpty(step.AuthorizationId))
            return AuthorizeRequestedAsync(authenticated, step.AuthorizationId, step.ChannelBinding, cancellationToken);

        ValueTask<bool> asking = MayActAsAsync(authenticated, authenticated, cancellationToken);
        return asking.IsCompletedSuccessfully
            ? new(Conclude(authenticated, authenticated, asking.Result, step.ChannelBinding))
            : ConcludeAsync(authenticated, authenticated, asking, step.ChannelBinding);
    }

    private async ValueTask<SessionAnswer> AuthorizeRequestedAsync(
        SaslUser authenticated, string authorizationId, string? channelBinding, CancellationToken cancellationToken)
    {
        SaslUser? requested = await _context.ResolveRequestedAsync(authorizationId, cancellationToken).ConfigureAwait(false);
        return await ConcludeAsync(
            authenticated, requested ?? authenticated,
            requested is null ? new(false) : MayActAsAsync(authenticated, requested, cancellationToken), channelBinding).ConfigureAwait(false);
    }

    private ValueTask<bool> MayActAsAsync(SaslUser authenticated, SaslUser requested, CancellationToken cancellationToken) =>
        Server.Options.Authorizer.MayActAsAsync(authenticated, requested, _context.Service, cancellationToken);

    private async ValueTask<SessionAnswer> ConcludeAsync(SaslUser authenticated, SaslUser requested, ValueTask<bool> asking, string? channelBinding) =>
        Conclude(authenticated, requested, await asking.ConfigureAwait(false), channelBinding);

    private SessionAnswer Conclude(SaslUser authenticated, SaslUser requested, bool mayActAs, string? channelBinding)
    {
        if (!mayActAs)
            return Refuse(SaslError.NotAuthorized, "may not act as the requested user");

        _identity = new SaslIdentity(authenticated, requested, _mechanism!, channelBinding) { Token = _context.Grant };
        if (_context.Written.IsEmpty)
            return Accept(hasMessage: false);
        if (Server.Options.SuccessData)
            return Accept(hasMessage: true);

        _state = State.AwaitingAcknowledgement;    // no room for data beside success: send it as one more challenge
        return SessionAnswer.Continue;
    }

    private SessionAnswer Accept(bool hasMessage)
    {
        End(SaslError.None);
        _state = State.Succeeded;
        if (_context.Attempt is { } attempt)
            Observer.Succeeded(attempt, _identity!);
        return SessionAnswer.Succeeded(hasMessage);
    }

    // A store that was passed over because it could not answer might have had what fits.
    private SessionAnswer Refuse(in SaslStep step) =>
        step.Error is SaslError.None ? throw new InvalidOperationException("A server exchange failed without saying why.")
        : step.Error is SaslError.InvalidCredentials && _context.Silence is { } silence ? throw silence
        : Refuse(step.Error, step.Diagnostic!);

    private SessionAnswer Refuse(SaslError error, string diagnostic)
    {
        Forget(error);
        if (_context.Attempt is { } attempt)
            Observer.Failed(attempt, error, diagnostic);
        return SessionAnswer.Failed(error);
    }

    private void End(SaslError outcome)
    {
        if (IsInProgress)
            SaslTelemetry.End(_activity, _mechanism!, _context.Service.Service, outcome, _begun);
        _activity = null;
    }

    // Nothing of an exchange is left when it has failed, so nothing can be mistaken for a part of the next one.
    private void Forget(SaslError outcome)
    {
        End(outcome);
        _exchange?.Dispose();
        _exchange = null;
        _identity = null;
        _state = State.Idle;
        _context.ClearOutput();
    }

    private void Erase()
    {
        if (IsInProgress)
            Refuse(SaslError.Aborted, "the connection ended");
        Forget(SaslError.Aborted);
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
