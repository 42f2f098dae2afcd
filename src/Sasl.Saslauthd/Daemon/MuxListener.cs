using System.Net.Sockets;

namespace Sasl.Saslauthd;

/// <summary>Accepts connections and reads requests. A few threads of its own take what is there at once; whoever keeps silent holds none.</summary>
/// <remarks>
/// <para>A peer connects, writes its request and waits. On a thread that sleeps in <c>accept</c> that costs one change of thread; through the
/// thread pool it is three, which are dearer than everything else that the daemon does.</para>
/// <para>Four strings that come in one piece are answered at once, because a peer of Cyrus SASL 2.1.28 sends no more and waits. Where they come
/// in pieces, the fifth has <see cref="FifthWait"/> to follow.</para>
/// </remarks>
internal sealed class MuxListener : IDisposable
{
    /// <summary>How long the fifth string may be behind the fourth.</summary>
    public static readonly TimeSpan FifthWait = TimeSpan.FromMilliseconds(10);

    private const int MinThreads = 2;
    private const int MaxThreads = 16;

    /// <summary>What the socket is called while the daemon stops.</summary>
    public const string StoppingName = "mux.stopping";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lastAccept = TimeSpan.FromSeconds(2);

    private readonly Socket _listener;
    private readonly string _directory;
    private readonly CheckDesk _desk;
    private readonly LogPump _log;
    private readonly ConnectionCount _connections;
    private readonly TimeProvider _clock;
    private readonly int _maxConnections;
    private readonly WaitingLine<SilentPeer> _silent;
    private readonly Thread[] _threads;
    private readonly ManualResetEventSlim _stop = new();
    private int _running;
    private long _dropped;

    public MuxListener(Socket listener, SaslauthdServerOptions options, int maxConnections, CheckDesk desk, LogPump log, ConnectionCount connections)
    {
        _listener = listener;
        _directory = options.RunDirectory;
        _maxConnections = maxConnections;
        _desk = desk;
        _log = log;
        _connections = connections;
        _clock = options.Clock;
        _silent = new WaitingLine<SilentPeer>(options.Clock, options.RequestTimeout);
        _threads = new Thread[Math.Clamp(Environment.ProcessorCount, MinThreads, MaxThreads)];
    }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Start()
    {
        _running = _threads.Length;
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(AcceptAll) { IsBackground = true, Name = "saslauthd accept" };
            _threads[i].Start();
        }
    }

    /// <summary>Accepts no more, but serves whoever was let in by the system before. Blocks, though not for long.</summary>
    public void Stop()
    {
        _stop.Set();
        try
        {
            // New peers find nobody, and the threads can still be woken.
            File.Move(Path.Combine(_directory, RunDirectory.MuxName), Path.Combine(_directory, StoppingName), overwrite: true);
            Ring();
            foreach (Thread thread in _threads)
                thread.Join(s_lastAccept);
            File.Delete(Path.Combine(_directory, StoppingName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.Note(SaslauthdNoteLevel.Warning, $"the socket has gone before the daemon: {exception.Message}");
        }
        _listener.Dispose();
    }

    /// <summary>Drops those who have kept silent too long.</summary>
    public void DropOverdue()
    {
        while (_silent.TakeOverdue() is { } peer)
            Drop(peer, "timeout");
    }

    /// <summary>Drops everybody whose request is not there.</summary>
    public void DropSilent()
    {
        while (_silent.TakeOldest() is { } peer)
            Drop(peer, "stop");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    private void AcceptAll()
    {
        while (!(_stop.IsSet && IsQuiet()) && TryAccept(out Socket? peer))
        {
            if (peer is not null)
                Welcome(peer);
        }
        if (Interlocked.Decrement(ref _running) > 0)
            Ring();
    }

    private bool IsQuiet()
    {
        try
        {
            return !_listener.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    // Wakes one thread that sleeps in accept; it wakes the next when it ends.
    private void Ring()
    {
        using var bell = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            bell.Connect(new UnixDomainSocketEndPoint(Path.Combine(_directory, StoppingName)));
        }
        catch (SocketException)
        {
            // The queue is full, and nobody sleeps; or the socket has gone, and the listener's end wakes them.
        }
    }

    private bool TryAccept(out Socket? peer)
    {
        peer = null;
        try
        {
            peer = _listener.Accept();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        catch (SocketException exception)
        {
            if (_stop.IsSet)
                return false;
            if (exception.SocketErrorCode is SocketError.ConnectionAborted)
                return true;

            // No more files: make room, and do not spin where there is none to make.
            _log.Note(SaslauthdNoteLevel.Error, $"a connection cannot be accepted: {exception.Message}");
            if (_silent.TakeOldest() is { } oldest)
                Drop(oldest, "full");
            _stop.Wait(s_pause);
            return true;
        }
    }

    private void Welcome(Socket peer)
    {
#pragma warning disable CA1031 // One connection must not end the thread that accepts all others.
        try
        {
            if (_connections.Enter() > _maxConnections)
            {
                if (_silent.TakeOldest() is { } oldest)
                {
                    Drop(oldest, "full");
                }
                else
                {
                    Close(peer, "full");
                    return;
                }
            }
            Serve(peer);
        }
        catch (Exception exception)
        {
            Close(peer, "error");
            _log.Note(SaslauthdNoteLevel.Error, $"a connection failed: {exception.GetType().Name}");
        }
#pragma warning restore CA1031
    }

    private void Serve(Socket socket)
    {
        var reader = new SaslauthdRequestReader();
        int read = 0;
        int room = 0;
        if (IsThere(socket))
        {
            Memory<byte> free = reader.Free;
            room = free.Length;
            read = socket.Receive(free.Span, SocketFlags.None, out _);    // does not wait: something is there
            if (read > 0)
                reader.Advance(read);
        }
        if (read == 0 || (reader.State is SaslauthdRequestState.Incomplete or SaslauthdRequestState.FourStrings && (reader.HasPart || reader.Count < SaslauthdWire.FewestFields)))
            _ = ReadAsync(new SilentPeer(socket, reader), isBegun: read > 0);
        else
            Deliver(socket, reader, drain: read == room);
    }

    // A peer that has just connected may be about to write; letting it costs less than coming back to it.
    private static bool IsThere(Socket socket)
    {
        if (socket.Available > 0)
            return true;
        Thread.Yield();
        return socket.Available > 0;
    }

    private void Deliver(Socket socket, SaslauthdRequestReader reader, bool drain)
    {
        // Cyrus SASL 2.1.28 ignores whatever stands behind the fourth string, and so do we.
        bool refused = reader.Count < SaslauthdWire.FewestFields;
        var request = new CheckRequest(socket, reader, drain || refused, _clock.GetTimestamp());
        if (!refused)
            _desk.Take(request);
        else
            _desk.Refuse(request, reader.State is SaslauthdRequestState.TooLong ? ReplyText.TooLong : ReplyText.ContainsNul);
    }

    private async Task ReadAsync(SilentPeer peer, bool isBegun)
    {
        _silent.Add(peer);
        bool isWhole = false;
        try
        {
            isWhole = await ReadRestAsync(peer, isBegun).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer has gone, or was dropped.
        }
        bool isOurs = _silent.Remove(peer);
        if (isOurs && isWhole)
        {
            Deliver(peer.Socket, peer.Reader, drain: true);
            return;
        }
        if (isOurs)
            Close(peer.Socket, "half");
        peer.Reader.Dispose();
    }

    private async Task<bool> ReadRestAsync(SilentPeer peer, bool isBegun)
    {
        SaslauthdRequestReader reader = peer.Reader;
        while (reader.State is SaslauthdRequestState.Incomplete)
        {
            int read = await peer.Socket.ReceiveAsync(reader.Free, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            if (read == 0)
                return false;
            reader.Advance(read);
            if (reader.State is SaslauthdRequestState.FourStrings && !isBegun && !reader.HasPart)
                return true;
            isBegun = true;
        }
        if (reader.State is SaslauthdRequestState.FourStrings)
            await ReadFifthAsync(peer).ConfigureAwait(false);
        return true;
    }

    private async Task ReadFifthAsync(SilentPeer peer)
    {
        using var late = new CancellationTokenSource(FifthWait, _clock);
        try
        {
            while (peer.Reader.State is SaslauthdRequestState.FourStrings)
            {
                int read = await peer.Socket.ReceiveAsync(peer.Reader.Free, SocketFlags.None, late.Token).ConfigureAwait(false);
                if (read == 0)
                    return;
                peer.Reader.Advance(read);
            }
        }
        catch (OperationCanceledException)
        {
            // It does not come.
        }
    }

    private void Drop(SilentPeer peer, string why) => Close(peer.Socket, why);    // the reading task ends by that, and erases

    private void Close(Socket socket, string why)
    {
        socket.Dispose();
        Interlocked.Increment(ref _dropped);
        SaslauthdTelemetry.Dropped(why);
        _connections.Leave();
    }
}
