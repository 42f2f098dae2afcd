using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>saslauthd itself: checks passwords for whoever asks over <c>RUNDIR/mux</c>, such as Postfix and Cyrus IMAP.</summary>
/// <remarks>
/// <para>Files of the run directory: <c>mux</c> (0777: the directory says who may use it), <c>control</c> (0600, for <c>sasl saslcache</c>),
/// <c>saslauthd.pid</c> and <c>saslauthd.pid.lock</c> (0600). A clean stop removes them; what a killed daemon leaves is no hindrance.</para>
/// <para>A verifier should answer at once or give its thread back while it waits; what blocks belongs into a <see cref="SaslWorkQueue"/>.
/// Thread-safe.</para>
/// </remarks>
public sealed class SaslauthdServer : IAsyncDisposable
{
    private const int ReservedFiles = 64;    // for the checkers, the log and the runtime

    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_silentGrace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_afterGivingUp = TimeSpan.FromSeconds(1);

    private readonly SaslauthdServerOptions _options;
    private readonly ConnectionCount _connections = new();
    private readonly LogPump _log;
    private readonly CheckDesk _desk;
    private RunDirectory? _directory;
    private MuxListener? _mux;
    private ControlServer? _control;
    private ITimer? _sweep;
    private int _started;
    private int _stopped;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">How to serve.</param>
    /// <param name="verifier">Who checks the passwords; stays the caller's.</param>
    /// <exception cref="SaslConfigurationException">An option cannot work.</exception>
    public SaslauthdServer(SaslauthdServerOptions options, IPasswordVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(verifier);
        options.Validate();
        _options = options;
        _log = new LogPump(options.Logs);
        _desk = new CheckDesk(options, verifier, _log, _connections);
    }

    /// <summary>The socket's path.</summary>
    public string SocketPath => Path.Combine(_options.RunDirectory, RunDirectory.MuxName);

    /// <summary>What it has done so far.</summary>
    public SaslauthdStatistics Statistics => new(_desk.Requests, _desk.Accepted, _desk.Unavailable, _connections.Value, _mux?.Dropped ?? 0);

    /// <summary>Makes the sockets and serves. When it returns, peers can connect.</summary>
    /// <exception cref="SaslConfigurationException">The run directory or a socket cannot be used.</exception>
    /// <exception cref="SaslauthdAlreadyRunningException">Another daemon serves this run directory.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("A saslauthd is started once; make another one.");
        _directory = Open(RunDirectory.Take(_options.RunDirectory, _options.Group));
        if (_directory.IsOpenToAll)
            Note(SaslauthdNoteLevel.Warning, $"every user may write into {_options.RunDirectory}, and so put a socket of his own there");
        _sweep = _options.Clock.CreateTimer(_ => Sweep(), null, s_sweepEvery, s_sweepEvery);
        _mux!.Start();
        Note(SaslauthdNoteLevel.Information, $"listening on socket: {SocketPath}, with {_options.CheckerName}");
    }

    /// <summary>Asks another verifier from now on, and forgets what the cache has from the old one.</summary>
    /// <param name="verifier">The new one; stays the caller's.</param>
    /// <returns>Completes when no request uses the old one any more.</returns>
    public Task ReplaceVerifierAsync(IPasswordVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return _desk.ReplaceAsync(verifier);
    }

    /// <summary>Puts a sentence into the daemon's log.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="text">The sentence; never a secret.</param>
    public void Note(SaslauthdNoteLevel level, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _log.Note(level, text);
    }

    /// <summary>Stops: lets nobody in, ends the requests under way within <see cref="SaslauthdServerOptions.StopTimeout"/>, removes the files.</summary>
    /// <param name="cancellationToken">Ends the waiting for requests under way; the rest is done all the same.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        if (_mux is not null)
        {
            await Task.Run(_mux.Stop, CancellationToken.None).ConfigureAwait(false);
            if (!await IsEmptyWithinAsync(s_silentGrace, cancellationToken).ConfigureAwait(false))
                _mux.DropSilent();
            if (!await IsEmptyWithinAsync(_options.StopTimeout, cancellationToken).ConfigureAwait(false))
            {
                _desk.GiveUpAll();
                await IsEmptyWithinAsync(s_afterGivingUp, CancellationToken.None).ConfigureAwait(false);
            }
            Note(SaslauthdNoteLevel.Information, string.Create(CultureInfo.InvariantCulture, $"stopped after {_desk.Requests} requests"));
        }
        if (_sweep is not null)
            await _sweep.DisposeAsync().ConfigureAwait(false);
        if (_control is not null)
            await _control.DisposeAsync().ConfigureAwait(false);
        _mux?.Dispose();
        _desk.Dispose();
        _directory?.Dispose();
        await _log.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The same as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private RunDirectory Open(RunDirectory directory)
    {
        Socket? peers = null;
        try
        {
            peers = directory.ListenForPeers();
            _control = new ControlServer(directory.ListenForControl(), AnswerControl);
            _mux = new MuxListener(peers, _options, ClampConnections(), _desk, _log, _connections);
            return directory;
        }
        catch
        {
            peers?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    private async Task<bool> IsEmptyWithinAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _connections.WhenEmptyAsync().WaitAsync(patience, _options.Clock, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Sweep()
    {
        _mux?.DropOverdue();
        _desk.GiveUpOverdue();
    }

    private int ClampConnections()
    {
        int files = UnixFiles.MaxOpenFiles - ReservedFiles;
        if (files >= _options.MaxConnections)
            return _options.MaxConnections;
        Note(SaslauthdNoteLevel.Warning, string.Create(CultureInfo.InvariantCulture,
            $"the process may open few files: at most {Math.Max(1, files)} connections instead of {_options.MaxConnections}"));
        return Math.Max(1, files);
    }

    private string AnswerControl(string command)
    {
        var answer = new StringBuilder();
        switch (command)
        {
            case SaslauthdControl.FlushCommand:
                _options.Cache?.Flush();
                Note(SaslauthdNoteLevel.Information, "the cache was emptied on request");
                return answer.Append(SaslauthdControl.Done).Append('\n').ToString();
            case SaslauthdControl.StatisticsCommand:
                SaslauthdControl.Write(answer, Statistics, _options.Cache?.Statistics);
                return answer.ToString();
            case SaslauthdControl.EntriesCommand:
                foreach (TimeSpan left in _options.Cache?.Remaining() ?? [])
                    answer.Append(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(left.TotalSeconds)}\n");
                return answer.Append(SaslauthdControl.Done).Append('\n').ToString();
            default:
                return $"{SaslauthdControl.Unknown}\n";
        }
    }
}
