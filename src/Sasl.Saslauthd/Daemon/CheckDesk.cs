using System.Globalization;

namespace Sasl.Saslauthd;

/// <summary>Answers requests: from the cache, or from the checker when its turn has come.</summary>
/// <remarks>A checker that answers at once is answered on the thread that brought the request. Any other holds no thread of the daemon.</remarks>
internal sealed class CheckDesk : IDisposable
{
    private readonly SaslauthdServerOptions _options;
    private readonly LogPump _log;
    private readonly ConnectionCount _connections;
    private readonly SemaphoreSlim? _turns;
    private readonly WaitingLine<CheckRequest> _line;
    private CheckerHolder _checker;
    private long _requests;
    private long _accepted;
    private long _unavailable;

    public CheckDesk(SaslauthdServerOptions options, IPasswordVerifier verifier, LogPump log, ConnectionCount connections)
    {
        _options = options;
        _log = log;
        _connections = connections;
        _turns = options.MaxChecks == 0 ? null : new SemaphoreSlim(options.MaxChecks);
        _line = new WaitingLine<CheckRequest>(options.Clock, options.CheckTimeout);
        _checker = new CheckerHolder(verifier);
    }

    public long Requests => Interlocked.Read(ref _requests);

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Unavailable => Interlocked.Read(ref _unavailable);

    /// <summary>Takes a new verifier for the requests to come.</summary>
    /// <returns>Completes when no request uses the old one any more.</returns>
    public Task ReplaceAsync(IPasswordVerifier verifier)
    {
        CheckerHolder old = Interlocked.Exchange(ref _checker, new CheckerHolder(verifier));
        _options.Cache?.Flush();
        old.Leave();
        return old.Idle;
    }

    /// <summary>Takes a whole request, and sees to its answer and its connection.</summary>
    public void Take(CheckRequest request)
    {
        if (request.ReadNames() is { } refusal)
        {
            Refuse(request, refusal);
            return;
        }
        if (_options.Cache is { } cache)
        {
            request.CacheGeneration = cache.Generation;
            request.CacheKey = cache.KeyOf(request.UserOctets, request.Octets, request.ClientHost);
            if (cache.Contains(request.CacheKey.Value))
            {
                Conclude(request, PasswordOutcome.Match, cached: true);
                return;
            }
        }
        request.Cancellation = new CancellationTokenSource();
        if (_turns?.Wait(0, CancellationToken.None) is false)
        {
            _ = WaitForTurnAsync(request);
            return;
        }
        CheckerHolder checker = Enter();
        ValueTask<PasswordVerdict> verdict = Ask(checker, request);
        if (verdict.IsCompletedSuccessfully)
            End(request, checker, verdict.GetAwaiter().GetResult());
        else
            _ = AwaitVerdictAsync(request, checker, verdict);
    }

    /// <summary>Refuses a request as it stands.</summary>
    public void Refuse(CheckRequest request, string answer)
    {
        if (request.TryClaim())
        {
            ReplyText.SendAndClose(request.Peer, ReplyText.Encode(answer), request.MustDrain);
            string reason = answer["NO".Length..].Trim();
            Record(request, new PasswordVerdict(PasswordOutcome.Mismatch) { Reason = reason.Length > 0 ? reason : "a string is too long" }, cached: false, refused: true);
        }
        request.Erase();
        _connections.Leave();
    }

    /// <summary>Answers those who have waited too long; their checks go on, holding their turns, until the checker heeds the cancellation.</summary>
    public void GiveUpOverdue()
    {
        while (_line.TakeOverdue() is { } request)
            GiveUp(request, string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.CheckTimeout.TotalSeconds:0.###} seconds"));
    }

    /// <summary>Answers everybody who waits.</summary>
    public void GiveUpAll()
    {
        while (_line.TakeOldest() is { } request)
            GiveUp(request, "the daemon was stopped");
    }

    public void Dispose() => _checker.Leave();

    private async Task WaitForTurnAsync(CheckRequest request)
    {
        _line.Add(request);
        try
        {
            await _turns!.WaitAsync(request.Cancellation!.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled has answered.
            request.Erase();
            _connections.Leave();
            return;
        }
        CheckerHolder checker = Enter();
        await AwaitVerdictAsync(request, checker, Ask(checker, request), isInLine: true).ConfigureAwait(false);
    }

    private async Task AwaitVerdictAsync(CheckRequest request, CheckerHolder checker, ValueTask<PasswordVerdict> asked, bool isInLine = false)
    {
        if (!isInLine)
            _line.Add(request);
        PasswordVerdict verdict;
#pragma warning disable CA1031 // The one place where a checker's exception becomes an answer.
        try
        {
            verdict = await asked.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            verdict = Explain(exception);
        }
#pragma warning restore CA1031
        _line.Remove(request);
        End(request, checker, verdict);
    }

    private ValueTask<PasswordVerdict> Ask(CheckerHolder checker, CheckRequest request)
    {
#pragma warning disable CA1031 // Awaited by the caller, who turns it into an answer.
        try
        {
            return checker.Verifier.VerifyAsync(
                request.User(_options.JoinRealm), request.Password, request.ServiceInfo(_options.ServerName), request.Cancellation!.Token);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<PasswordVerdict>(exception);
        }
#pragma warning restore CA1031
    }

    private void End(CheckRequest request, CheckerHolder checker, in PasswordVerdict verdict)
    {
        checker.Leave();
        _turns?.Release();
        if (request.CacheKey is { } key)
        {
            if (verdict.Outcome is PasswordOutcome.Match)
                _options.Cache!.Remember(key, request.CacheGeneration);
            else if (verdict.Outcome is PasswordOutcome.UnknownUser or PasswordOutcome.Disabled or PasswordOutcome.Expired)
                _options.Cache!.Forget(key);
        }
        if (verdict.Delay > TimeSpan.Zero)
            _ = HoldBackAsync(request, verdict);
        else
            Conclude(request, verdict, cached: false);
    }

    // The turn is free already: whoever guesses waits, and nobody with him.
    private async Task HoldBackAsync(CheckRequest request, PasswordVerdict verdict)
    {
        _line.Add(request);
        await Task.Delay(verdict.Delay, _options.Clock, request.Cancellation!.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _line.Remove(request);
        Conclude(request, verdict, cached: false);
    }

    private void Conclude(CheckRequest request, in PasswordVerdict verdict, bool cached)
    {
        if (request.TryClaim())
        {
            ReplyText.SendAndClose(request.Peer, ReplyText.Of(verdict), request.MustDrain);
            Record(request, verdict, cached, refused: false);
        }
        request.Erase();
        _connections.Leave();
    }

    private void GiveUp(CheckRequest request, string reason)
    {
        if (request.TryClaim())
        {
            PasswordVerdict verdict = new(PasswordOutcome.Unavailable) { Reason = reason };
            ReplyText.SendAndClose(request.Peer, ReplyText.Of(verdict), request.MustDrain);
            Record(request, verdict, cached: false, refused: false);
        }
        try
        {
            _ = request.Cancellation!.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended at this moment.
        }
    }

    private CheckerHolder Enter()
    {
        while (true)
        {
            CheckerHolder checker = Volatile.Read(ref _checker);
            if (checker.TryEnter())
                return checker;
        }
    }

    // What others throw may contain anything; only exceptions made for administrators are shown.
    private static PasswordVerdict Explain(Exception exception) => new(PasswordOutcome.Unavailable)
    {
        Reason = exception is SaslUnavailableException or SaslConfigurationException
            ? exception.Message
            : $"the checker threw {exception.GetType().Name}",
    };

    private void Record(CheckRequest request, in PasswordVerdict verdict, bool cached, bool refused)
    {
        Interlocked.Increment(ref _requests);
        if (verdict.Outcome is PasswordOutcome.Match)
            Interlocked.Increment(ref _accepted);
        else if (verdict.Outcome is PasswordOutcome.Unavailable)
            Interlocked.Increment(ref _unavailable);
        TimeSpan duration = _options.Clock.GetElapsedTime(request.Began);
        SaslauthdTelemetry.Answered(_options.CheckerName, verdict.Outcome, cached, duration);
        if (!_log.IsWanted)
            return;
        _log.Write(new SaslauthdRequestRecord
        {
            Login = request.Login,
            Realm = request.Realm,
            Service = request.Service,
            ClientAddress = request.ClientAddress,
            Checker = _options.CheckerName,
            Outcome = verdict.Outcome,
            IsCached = cached,
            IsRefused = refused,
            Duration = duration,
            Reason = verdict.Reason,
        });
    }
}
