using System.Buffers;
using System.Security.Cryptography;

namespace Sasl.Smtp;

/// <summary>Lines with CRLF over a stream, for either side: what <see cref="SmtpAuthServer.RunAsync"/> and <see cref="SmtpAuthClient.RunAsync"/> ask for.</summary>
/// <remarks>
/// Make a new one over the <see cref="System.Net.Security.SslStream"/> after STARTTLS; <see cref="UnreadOctets"/> is what an
/// <see cref="SmtpPipelineGuard"/> wants to know. Lines may hold passwords in base64, so each is erased when the next one is read.
/// The buffer is rented, starts small, grows up to the longest line and is given back when everything in it has been read, so that idle
/// connections hold little. One reader and one writer at a time.
/// </remarks>
/// <param name="stream">The connection; stays the caller's.</param>
public sealed class SmtpLineStream(Stream stream) : IDisposable
{
    /// <summary>The longest line given whole, in octets without CRLF. A longer one is given as a line of this many NULs and one more,
    /// which every reader refuses as too long or as malformed.</summary>
    public const int MaxLineLength = 32 * 1024;

    private const int SmallestBuffer = 1024;
    private const int LargestBuffer = MaxLineLength + 2;    // with CRLF

    private static readonly byte[] s_tooLong = new byte[MaxLineLength + 1];

    private byte[] _buffer = [];
    private int _given;
    private int _start;
    private int _end;

    /// <summary>How many octets have arrived behind the line that was read last.</summary>
    public long UnreadOctets => _end - _start;

    /// <summary>Reads a line.</summary>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The line without CRLF, valid until the next one is read; null when the connection has ended. A bare CR or LF stays in the line.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken = default)
    {
        bool tooLong = false;
        EraseGiven();
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
                _given = _start;
                _start += length + 2;
                return tooLong ? s_tooLong : line;
            }
            if (_end == _buffer.Length)
                tooLong |= MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return null;
            _end += read;
        }
    }

    /// <summary>Sends a line and flushes.</summary>
    /// <param name="line">The line without CRLF.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public async ValueTask WriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken = default)
    {
        using var whole = new SecureBufferWriter();
        whole.Write(line.Span);
        whole.Write("\r\n"u8);
        await stream.WriteAsync(whole.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases what was read.</summary>
    public void Dispose() => Replace([], 0);

    // What was given is erased; with nothing left, a large buffer goes back to where it came from.
    private void EraseGiven()
    {
        if (_start == _end && _buffer.Length > SmallestBuffer)
        {
            Replace([], 0);
            return;
        }
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(_given, _start - _given));
        _given = _start;
        if (_start == _end)
            (_given, _start, _end) = (0, 0, 0);
    }

    /// <summary>Makes room behind what is unread: at the front, in a larger buffer, or by dropping it; true when it was dropped.</summary>
    private bool MakeRoom()
    {
        ReadOnlySpan<byte> unread = _buffer.AsSpan(_start, _end - _start);
        bool tooLong = unread.Length >= LargestBuffer;
        if (tooLong)
            unread = unread[^1..];    // perhaps the CR of the CRLF
        int size = Math.Clamp(2 * unread.Length, SmallestBuffer, Math.Max(LargestBuffer, 2 * SmallestBuffer));
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        unread.CopyTo(larger);
        Replace(larger, unread.Length);
        return tooLong;
    }

    private void Replace(byte[] buffer, int unread)
    {
        CryptographicOperations.ZeroMemory(_buffer);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = buffer;
        (_given, _start, _end) = (0, 0, unread);
    }
}
