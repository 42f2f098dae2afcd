using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>The directory that holds the daemon's sockets, its lock and its pid file.</summary>
internal sealed class RunDirectory : IDisposable
{
    /// <summary>The socket that peers connect to.</summary>
    public const string MuxName = "mux";

    /// <summary>The socket of <c>sasl saslcache</c>.</summary>
    public const string ControlName = "control";

    private const int MaxSocketPath = 107;    // sun_path, without its NUL
    private const int Backlog = 4096;         // the system may have a lower bound

    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Debian's: the group may pass to the socket.
    private const UnixFileMode GroupPasses = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    // The original's, where no group is named.
    private const UnixFileMode EveryonePasses = GroupPasses | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _path;
    private readonly string? _group;
    private readonly InstanceLock _lock;
    private readonly List<string> _made = [];

    private RunDirectory(string path, string? group, InstanceLock taken)
    {
        _path = path;
        _group = group;
        _lock = taken;
    }

    /// <summary>Whether users besides owner and group may replace the socket; an administrator should hear of it.</summary>
    public bool IsOpenToAll => !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(_path) & (UnixFileMode.OtherWrite | UnixFileMode.StickyBit)) == UnixFileMode.OtherWrite;

    /// <summary>Makes the directory when it is missing, and takes it for this daemon.</summary>
    /// <param name="path">The directory, as an absolute path.</param>
    /// <param name="group">The group that may use the socket; null leaves the groups as they are.</param>
    /// <exception cref="SaslConfigurationException">The directory cannot be used.</exception>
    /// <exception cref="SaslauthdAlreadyRunningException">Another daemon has it.</exception>
    public static RunDirectory Take(string path, string? group)
    {
        string socket = Path.Combine(path, MuxListener.StoppingName);    // the longest
        if (Encoding.UTF8.GetByteCount(socket) > MaxSocketPath)
            throw new SaslConfigurationException($"The run directory {path} is too long: the path of a socket has at most {MaxSocketPath} octets.");
        try
        {
            Make(path, group);
            return new RunDirectory(path, group, InstanceLock.Take(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SaslConfigurationException($"The run directory {path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Makes the socket for peers: mode 0777, because the directory says who may use it.</summary>
    public Socket ListenForPeers() => Listen(MuxName, Everyone, _group);

    /// <summary>Makes the socket of <c>sasl saslcache</c>: for the daemon's own user.</summary>
    public Socket ListenForControl() => Listen(ControlName, OwnerOnly, group: null);

    /// <summary>Removes what the daemon has made, but not the directory.</summary>
    public void Dispose()
    {
        _made.ForEach(File.Delete);
        _lock.Dispose();
    }

    private static void Make(string path, string? group)
    {
        if (Directory.Exists(path))
            return;
        Directory.CreateDirectory(path);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(path, GroupPasses);
        if (group is null)
            File.SetUnixFileMode(path, EveryonePasses);
        else
            UnixFiles.ChangeGroup(path, group);
    }

    private Socket Listen(string name, UnixFileMode mode, string? group)
    {
        string path = Path.Combine(_path, name);
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            _made.Add(path);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
            if (group is not null)
                UnixFiles.ChangeGroup(path, group);
            socket.Listen(Backlog);    // last: before, nobody can connect
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is SocketException or IOException or UnauthorizedAccessException)
                throw new SaslConfigurationException($"The socket {path} cannot be made: {exception.Message}", exception);
            throw;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SaslConfigurationException($"{path} is left of a daemon that was killed, and may not be removed: {exception.Message}", exception);
        }
    }

    // A daemon that was killed leaves its socket. One that answers belongs to somebody who does not know our lock.
    private void RemoveStale(string path)
    {
        if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null)
            return;
        if (OperatingSystem.IsLinux() && !UnixFiles.IsSocket(path))
            throw new SaslConfigurationException($"{path} is in the way and is no socket; remove it.");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            Delete(path);
            return;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
        {
            // Its queue is full, and so somebody has one.
        }
        catch (SocketException exception)
        {
            throw new SaslConfigurationException($"{path} is there and cannot be looked at: {exception.Message}; remove it.", exception);
        }
        throw new SaslauthdAlreadyRunningException(_path);
    }
}
