using System.Globalization;
using System.Runtime.InteropServices;
using Sasl.Saslauthd;

namespace Sasl.Cli;

/// <summary>One life of the daemon, from its flags to SIGTERM.</summary>
internal sealed class DaemonRun : IAsyncDisposable
{
    private const int DefaultChecks = 32;
    private const int UnboundedChecks = 256;    // threads for -n 0; more checks wait
    private const string NoSyslog = "none";

    private readonly CliConsole _console;
    private readonly DaemonFlags _flags;
    private readonly SaslauthdChecker _checker;
    private readonly SaslWorkQueue _work;
    private readonly SaslauthdCache? _cache;
    private readonly SaslauthdSyslogLog? _syslog;
    private readonly List<string> _early = [];
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _reloading = new(1);
    private readonly SystemdNotifier _systemd;
    private IPasswordVerifier? _verifier;
    private SaslauthdServer? _server;

    public DaemonRun(CliConsole console, DaemonFlags flags, SystemdNotifier systemd)
    {
        _console = console;
        _flags = flags;
        _systemd = systemd;
        _checker = DaemonCheckers.Find(flags.Checker!);
        _work = new SaslWorkQueue(Checks == 0 ? UnboundedChecks : Checks);
        _cache = flags.Caches
            ? new SaslauthdCache(
                flags.CacheKilobytes ?? SaslauthdCache.DefaultKilobytes,
                flags.CacheSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
            : null;
        SaslauthdNoteLevel lowest = flags.Debugs || flags.IsVerbose ? SaslauthdNoteLevel.Debug : SaslauthdNoteLevel.Information;
        if (flags.Facility is not NoSyslog)
            _syslog = new SaslauthdSyslogLog(flags.Facility is "auth" ? SaslauthdSyslogFacility.Auth : SaslauthdSyslogFacility.AuthPriv, lowest);
        Logs = [.. WantsConsole ? [new SaslauthdTextLog(console.Error, lowest)] : Array.Empty<SaslauthdLog>(), .. _syslog is null ? [] : (SaslauthdLog[])[_syslog]];
    }

    private SaslauthdLog[] Logs { get; }

    // Somebody who watches, or a machine without syslog: the log must go somewhere.
    private bool WantsConsole => _flags.Debugs || _flags.IsForeground || _flags.Facility is NoSyslog || !Path.Exists(SaslauthdSyslogLog.DefaultPath);

    private int Checks => _flags.Threads ?? DefaultChecks;

    /// <summary>Serves until a signal ends it.</summary>
    /// <exception cref="SaslConfigurationException">It cannot begin.</exception>
    /// <exception cref="SaslauthdAlreadyRunningException">Another one serves.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _verifier = MakeVerifier();
        _server = new SaslauthdServer(
            new SaslauthdServerOptions
            {
                RunDirectory = _flags.RunDirectory ?? SaslauthdServerOptions.DefaultRunDirectory,
                Group = _flags.Group,
                CheckerName = _checker.Name,
                JoinRealm = _flags.JoinsRealm,
                MaxChecks = Checks,
                Cache = _cache,
                Logs = Logs,
            },
            _verifier);

        // Checks that hold a thread must not starve the threads that the daemon itself needs.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(workers + (Checks == 0 ? UnboundedChecks : Checks), ports);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        using CancellationTokenRegistration cancelled = cancellationToken.Register(() => _stop.TrySetResult());

        _server.Start();
        NoteStart();
        _systemd.Ready($"serving {_server.SocketPath} with {_checker.Name}");
        await _stop.Task;
        _systemd.Stopping();
        await _server.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await EndAsync(_verifier);
        _work.Dispose();
        _cache?.Dispose();
        _syslog?.Dispose();
        _reloading.Dispose();
    }

    /// <summary>What SIGHUP does: the checker reads its configuration again; the socket stays, and so does the old checker where the new one
    /// cannot work.</summary>
    internal async Task ReloadAsync()
    {
        await _reloading.WaitAsync();
        try
        {
            _systemd.Reloading();
            IPasswordVerifier made = MakeVerifier();
            IPasswordVerifier? old = Interlocked.Exchange(ref _verifier, made);
            _ = EndWhenIdleAsync(old, _server!.ReplaceVerifierAsync(made));    // a check that hangs must not hold the reload up
            _server.Note(SaslauthdNoteLevel.Information, $"reloaded: {_checker.Name} has read its configuration again, and the cache is empty");
        }
        catch (Exception exception) when (exception is SaslConfigurationException or IOException or UnauthorizedAccessException)
        {
            _server!.Note(SaslauthdNoteLevel.Error, $"not reloaded, the old configuration stays in force: {exception.Message}");
        }
#pragma warning disable CA1031 // Nobody awaits a reload: what is not noted here is noted nowhere.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _server!.Note(SaslauthdNoteLevel.Error, $"not reloaded, the old configuration stays in force: {exception.GetType().Name}");
        }
        finally
        {
            _systemd.Ready($"serving {_server!.SocketPath} with {_checker.Name}");
            _reloading.Release();
        }
    }

    private static async Task EndWhenIdleAsync(IPasswordVerifier? verifier, Task idle)
    {
        await idle;
        await EndAsync(verifier);
    }

    private static async ValueTask EndAsync(IPasswordVerifier? verifier)
    {
        if (verifier is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            (verifier as IDisposable)?.Dispose();
    }

    private IPasswordVerifier MakeVerifier() =>
        _checker.Make(new SaslauthdCheckerContext { Option = _flags.Option, Work = _work, Warn = Warn });

    private void Warn(string text)
    {
        if (_server is { } server)
            server.Note(SaslauthdNoteLevel.Warning, text);
        else
            _early.Add(text);
    }

    private void NoteStart()
    {
        foreach (string text in _early)
            _server!.Note(SaslauthdNoteLevel.Warning, text);
        foreach (string flag in _flags.Idle)
            _server!.Note(SaslauthdNoteLevel.Warning, $"the flag {flag} changes nothing here");
        _server!.Note(SaslauthdNoteLevel.Debug, string.Create(CultureInfo.InvariantCulture,
            $"checks at once: {Checks}; cache: {(_cache is { } cache ? $"{cache.Statistics.Capacity} logins, {cache.Timeout.TotalSeconds:0} seconds" : "none")}"));
        _server.Note(SaslauthdNoteLevel.Information,
            $"logging to {(WantsConsole ? "the console" : "")}{(WantsConsole && _syslog is not null ? " and " : "")}{(_syslog is null ? "" : $"syslog {_flags.Facility ?? "authpriv"}")}: every request, level {(_flags.Debugs || _flags.IsVerbose ? "debug" : "info")}");
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.TrySetResult();
    }

    private void Reload(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ = ReloadAsync();
    }
}
