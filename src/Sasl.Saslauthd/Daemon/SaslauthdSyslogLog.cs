using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Sends the daemon's log to the system's, through its local socket (RFC 3164, as the C library's <c>syslog(3)</c> writes it).</summary>
/// <remarks>Nothing is interpreted as a format. A system without syslog, or whose syslog is stopped, costs the lines and nothing else.</remarks>
public sealed class SaslauthdSyslogLog : SaslauthdLog, IDisposable
{
    /// <summary>Where syslog listens.</summary>
    public const string DefaultPath = "/dev/log";

    private readonly string _path;
    private readonly SaslauthdSyslogFacility _facility;
    private readonly SaslauthdNoteLevel _lowest;
    private readonly TimeProvider _clock;
    private Socket? _socket;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="facility">Which facility.</param>
    /// <param name="lowest">What matters less is left out. Requests count as <see cref="SaslauthdNoteLevel.Information"/>.</param>
    /// <param name="path">The socket.</param>
    /// <param name="clock">The time.</param>
    public SaslauthdSyslogLog(
        SaslauthdSyslogFacility facility = SaslauthdSyslogFacility.AuthPriv, SaslauthdNoteLevel lowest = SaslauthdNoteLevel.Information,
        string path = DefaultPath, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _facility = facility;
        _lowest = lowest;
        _path = path;
        _clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public override void Write(SaslauthdRequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (_lowest > SaslauthdNoteLevel.Information)
            return;
        Send(record.Outcome is PasswordOutcome.Unavailable ? Severity.Warning : Severity.Information, SaslauthdLogLine.Of(record));
    }

    /// <inheritdoc/>
    public override void Note(SaslauthdNoteLevel level, string text)
    {
        if (level < _lowest)
            return;
        Severity severity = level switch
        {
            SaslauthdNoteLevel.Debug => Severity.Debug,
            SaslauthdNoteLevel.Information => Severity.Information,
            SaslauthdNoteLevel.Warning => Severity.Warning,
            SaslauthdNoteLevel.Error => Severity.Error,
        };
        Send(severity, SaslauthdLogLine.OfNote(text));
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Send(Severity severity, string text)
    {
        DateTimeOffset now = _clock.GetLocalNow();
        int priority = ((int)_facility * 8) + (int)severity;
        byte[] line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"<{priority}>{now:MMM} {now.Day,2} {now:HH:mm:ss} saslauthd[{Environment.ProcessId}]: {text}"));

        // A socket whose other end was restarted fails once.
        if (!TrySend(line))
            _ = TrySend(line);
    }

    private bool TrySend(byte[] line)
    {
        try
        {
            _socket ??= Connect();
            bool isStream = _socket.SocketType is SocketType.Stream;
            _socket.Send(isStream ? [.. line, 0] : line);    // on a stream NUL ends a line
            return true;
        }
        catch (SocketException)
        {
            Dispose();
            return false;
        }
    }

    private Socket Connect()
    {
        try
        {
            return Connect(SocketType.Dgram);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ProtocolType)
        {
            return Connect(SocketType.Stream);
        }
    }

    private Socket Connect(SocketType type)
    {
        var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified) { SendTimeout = 1000 };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_path));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private enum Severity
    {
        Error = 3,
        Warning = 4,
        Information = 6,
        Debug = 7,
    }
}
