using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>Reads lines that end with LF and may be secret: each is erased when the next one is read.</summary>
/// <param name="stream">Where they come from; stays the caller's.</param>
internal sealed class OctetLines(Stream stream)
{
    /// <summary>The longest line taken, in octets without its end.</summary>
    public const int MaxLineLength = 128 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(MaxLineLength + 1, pinned: true);
    private int _start;
    private int _end;

    /// <summary>Reads a line.</summary>
    /// <returns>The line without LF or CRLF, valid until the next one is read; the rest of the input where it ends without LF; null at its end.</returns>
    /// <exception cref="IOException">A line is longer than <see cref="MaxLineLength"/>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        MoveToFront();
        while (true)
        {
            int length = _buffer.AsSpan(0, _end).IndexOf((byte)'\n');
            if (length >= 0)
                return Take(length, length + 1);
            if (_end == _buffer.Length)
                throw new IOException($"a line is longer than {MaxLineLength} octets");
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0 && _end == 0)
                return null;
            if (read == 0)
                return Take(_end, _end);
            _end += read;
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int next)
    {
        _start = next;
        return _buffer.AsMemory(0, length > 0 && _buffer[length - 1] == '\r' ? length - 1 : length);
    }

    private void MoveToFront()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(_end - _start, _start));
        (_start, _end) = (0, _end - _start);
    }
}
