using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;

namespace Sasl.Saslauthd;

/// <summary>Asks a daemon: one connection a question, a bounded number of them at once, no thread held while one waits.</summary>
internal sealed class DaemonSocket : IDisposable
{
    // Between attempts to connect to a daemon whose queue is full.
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    private readonly DaemonProfile _profile;
    private readonly ImmutableArray<UnixDomainSocketEndPoint> _endPoints;
    private readonly PasswordDaemonLimits _limits;
    private readonly SemaphoreSlim _turns;
    private int _waiting;
    private int _lastFound;

    /// <summary>Takes the daemon's properties, and the paths its socket may have, in the order to try them.</summary>
    public DaemonSocket(DaemonProfile profile, ImmutableArray<string> paths, PasswordDaemonLimits limits)
    {
        limits.Check();
        _profile = profile;
        Paths = paths;
        _endPoints = [.. paths.Select(MakeEndPoint)];
        _limits = limits;
        _turns = new SemaphoreSlim(limits.MaxConnections);
    }

    /// <summary>Where the socket is looked for.</summary>
    public ImmutableArray<string> Paths { get; }

    /// <summary>The path that was used last, or would be.</summary>
    public string PathInUse => Paths[Volatile.Read(ref _lastFound)];

    /// <summary>Sends a message and receives the reply.</summary>
    /// <param name="message">The message, erased as soon as it is sent; then the reply.</param>
    /// <param name="isComplete">Whether the reply is, given what was received and whether the daemon has ended it.</param>
    /// <param name="cancellationToken">Gives up at any point.</param>
    /// <returns>Null when <paramref name="message"/> holds a reply.</returns>
    public async ValueTask<DaemonTrouble?> AskAsync(SecureBufferWriter message, DaemonReplyTest isComplete, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_limits.Timeout, _limits.Clock);
        using CancellationTokenRegistration _ = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        if (await EnterAsync(cancellationToken, deadline.Token).ConfigureAwait(false) is { } crowded)
            return crowded;
        try
        {
            (Socket? socket, DaemonTrouble? trouble) = await ConnectAsync(deadline.Token).ConfigureAwait(false);
            if (socket is null)
                return trouble;
            using (socket)
                return await TalkAsync(socket, message, isComplete, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Describe(PasswordDaemonFault.Silent);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Connects, and says nothing.</summary>
    /// <returns>Null when the daemon took the connection, or will.</returns>
    public async ValueTask<DaemonTrouble?> TouchAsync(CancellationToken cancellationToken)
    {
        (Socket? socket, DaemonTrouble? trouble) = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        socket?.Dispose();
        return trouble;
    }

    /// <summary>The sentence about a trouble with the socket that was used last.</summary>
    public DaemonTrouble Describe(PasswordDaemonFault fault, Exception? reported = null) => Describe(fault, PathInUse, reported);

    public void Dispose() => _turns.Dispose();

    // A path that no socket can have is a mistake in the configuration: a temporary failure at every login would hide it.
    private static UnixDomainSocketEndPoint MakeEndPoint(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new ArgumentException($"no socket can have the path {path}: it is too long, or empty", nameof(path), exception);
        }
    }

    private async ValueTask<DaemonTrouble?> EnterAsync(CancellationToken caller, CancellationToken deadline)
    {
        if (_turns.Wait(0, CancellationToken.None))
            return null;
        if (Interlocked.Increment(ref _waiting) > _limits.MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return Describe(PasswordDaemonFault.Crowded);
        }
        try
        {
            await _turns.WaitAsync(deadline).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return Describe(PasswordDaemonFault.Crowded);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(caller);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // The path that was there last comes first; when it has gone, all of them are tried in order.
    private async ValueTask<(Socket? Socket, DaemonTrouble? Trouble)> ConnectAsync(CancellationToken cancellationToken)
    {
        int last = Volatile.Read(ref _lastFound);
        (Socket? socket, DaemonTrouble? trouble) = await ConnectAsync(last, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < _endPoints.Length && trouble?.Fault is PasswordDaemonFault.Absent; i++)
        {
            if (i == last)
                continue;
            (socket, DaemonTrouble? other) = await ConnectAsync(i, cancellationToken).ConfigureAwait(false);
            if (other?.Fault is not PasswordDaemonFault.Absent)
            {
                Volatile.Write(ref _lastFound, i);
                trouble = other;
            }
        }
        return (socket, trouble);
    }

    private async ValueTask<(Socket? Socket, DaemonTrouble? Trouble)> ConnectAsync(int index, CancellationToken cancellationToken)
    {
        long began = 0;
        TimeSpan pause = s_shortestPause;
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(_endPoints[index], cancellationToken).ConfigureAwait(false);
                return (socket, null);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
            {
                // The daemon's queue is full: the system does not let a connection wait that may not block.
                socket.Dispose();
                began = began == 0 ? _limits.Clock.GetTimestamp() : began;
                if (_limits.Clock.GetElapsedTime(began) >= _limits.ConnectTimeout)
                    return (null, Describe(PasswordDaemonFault.Busy, Paths[index], exception));
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                return (null, Describe(FaultOf(exception, Paths[index]), Paths[index], exception));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
            await Task.Delay(pause, _limits.Clock, cancellationToken).ConfigureAwait(false);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }
    }

    private async ValueTask<DaemonTrouble?> TalkAsync(
        Socket socket, SecureBufferWriter message, DaemonReplyTest isComplete, CancellationToken cancellationToken)
    {
        try
        {
            for (int sent = 0; sent < message.WrittenCount;)
                sent += await socket.SendAsync(message.WrittenMemory[sent..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            message.Clear();
            while (true)
            {
                int room = _profile.MaxReplyLength - message.WrittenCount;
                int received = room == 0 ? 0 : await socket.ReceiveAsync(message.GetMemory(room)[..room], SocketFlags.None, cancellationToken).ConfigureAwait(false);
                message.Advance(received);
                if (isComplete(message.WrittenSpan, ended: received == 0))
                    return null;
                if (received == 0)
                    return Describe(room == 0 ? PasswordDaemonFault.Garbage : PasswordDaemonFault.ClosedEarly);
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown)
        {
            return Describe(PasswordDaemonFault.ClosedEarly, exception);
        }
        catch (SocketException exception)
        {
            return Describe(PasswordDaemonFault.Other, exception);
        }
    }

    // .NET says AddressNotAvailable for ENOENT, and has no word for ENOTDIR: something that is not a folder stands where the socket's folder should.
    private static PasswordDaemonFault FaultOf(SocketException exception, string path) => exception.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable => PasswordDaemonFault.Absent,
        SocketError.AccessDenied => PasswordDaemonFault.Forbidden,
        SocketError.ConnectionRefused => PasswordDaemonFault.NotListening,
        _ when File.Exists(Path.GetDirectoryName(path)) => PasswordDaemonFault.Absent,
        _ => PasswordDaemonFault.Other,
    };

    private DaemonTrouble Describe(PasswordDaemonFault fault, string path, Exception? reported) => new(fault, fault switch
    {
        PasswordDaemonFault.Absent => $"{_profile.Name} has no socket at {string.Join(" or ", Paths)}: it does not run, or its socket is elsewhere; {_profile.AbsentHint}",
        PasswordDaemonFault.Forbidden => $"this process may not use {path}, the socket of {_profile.Name}; {_profile.ForbiddenHint}",
        PasswordDaemonFault.NotListening => $"nobody listens on {path}: {_profile.Name} has ended and left its socket behind; start it again",
        PasswordDaemonFault.Busy => string.Create(
            CultureInfo.InvariantCulture, $"{_profile.Name} at {path} took no connection for {_limits.ConnectTimeout.TotalSeconds} s: all its workers are busy, or it hangs"),
        PasswordDaemonFault.Crowded => string.Create(
            CultureInfo.InvariantCulture, $"more checks by {_profile.Name} at {path} are waiting than its {_limits.MaxConnections} connections can serve in time"),
        PasswordDaemonFault.Silent => string.Create(
            CultureInfo.InvariantCulture, $"{_profile.Name} at {path} did not answer within {_limits.Timeout.TotalSeconds} s{_profile.SilentHint}"),
        PasswordDaemonFault.ClosedEarly => $"{_profile.Name} at {path} closed the connection before its reply was complete",
        PasswordDaemonFault.Garbage => $"what listens on {path} does not answer as {_profile.Name} does",
        PasswordDaemonFault.Unable => $"{_profile.Name} at {path} says that it cannot check passwords now",
        PasswordDaemonFault.Other => $"{_profile.Name} at {path} cannot be talked to: {reported?.Message}",
    }, reported);
}
