using System.Security.Cryptography;

namespace Sasl.Sasldb.Text;

/// <summary>The lines of a text that may be secret, one at a time, with their numbers. Memory grows to the longest line allowed and no further.</summary>
/// <param name="stream">Where they come from; stays the caller's.</param>
internal sealed class SasldbTextLines(Stream stream) : IDisposable
{
    private const int FirstRoom = 64 * 1024;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstRoom, pinned: true);
    private int _start;
    private int _next;
    private int _end;

    /// <summary>The number of the line that was read last; the first is 1.</summary>
    public long Number { get; private set; }

    /// <summary>The line that was read last, without its LF; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_start, _next - _start - 1);

    /// <summary>Whether this thread waits for the stream, and reading completes at once.</summary>
    public bool IsBlocking { get; set; }

    /// <summary>Reads a line.</summary>
    /// <param name="cancellationToken">Stops waiting for the stream.</param>
    /// <returns>False at the end of the text.</returns>
    /// <exception cref="SasldbTextException">It is too long, or the text ends within it.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _start = _next;
        int seen = _start;
        Number++;
        while (true)
        {
            int length = _buffer.AsSpan(seen, _end - seen).IndexOf((byte)'\n');
            if (length >= 0)
            {
                _next = seen + length + 1;
                return true;
            }
            int waiting = _end - _start;
            MakeRoom();
            seen = _start + waiting;
            int read = IsBlocking
                ? stream.Read(_buffer.AsSpan(_end))
                : await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0 && waiting == 0)
                return false;
            if (read == 0)
                throw new SasldbTextException(Number, "the text ends within this line; it was cut off");
            _end += read;
        }
    }

    /// <summary>Erases what is in memory.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        int waiting = _end - _start;
        if (waiting > SasldbText.MaxLineLength)
            throw new SasldbTextException(Number, $"this line is longer than {SasldbText.MaxLineLength} octets, the most that a value of a sasldb takes");
        byte[] room = waiting <= _buffer.Length / 2
            ? _buffer
            : GC.AllocateUninitializedArray<byte>(Math.Min(2 * _buffer.Length, SasldbText.MaxLineLength + 1), pinned: true);
        _buffer.AsSpan(_start, waiting).CopyTo(room);
        CryptographicOperations.ZeroMemory(room == _buffer ? _buffer.AsSpan(waiting) : _buffer);
        _buffer = room;
        (_start, _next, _end) = (0, 0, waiting);
    }
}
