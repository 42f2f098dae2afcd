using System.Security.Cryptography;
using Sasl.Sasldb.Text;

namespace Sasl.Sasldb;

/// <summary>
/// Writes the records of a sasldb as text that loses nothing, and that <c>mdb_load -n</c> and <c>db_load -t hash</c> read: each record is two
/// lines, key and value, in printable ASCII.
/// </summary>
/// <remarks>
/// The text holds every secret of the file: write it where nobody else reads. Keys and values may be any octets. One without its last line,
/// which <see cref="CompleteAsync"/> writes, is refused by every reader. Not thread-safe. Disposing erases what is in memory.
/// </remarks>
public sealed class SasldbTextWriter : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Stream _stream;
    private readonly SecureBufferWriter _pending = new();
    private bool _completed;

    /// <summary>Prepares; writes nothing yet.</summary>
    /// <param name="stream">Where the text goes; stays the caller's.</param>
    public SasldbTextWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _pending.Write(SasldbText.Header);
    }

    /// <summary>How many records were written.</summary>
    public long Count { get; private set; }

    /// <summary>Writes a record.</summary>
    /// <param name="key">Its key, at most 32,768 octets.</param>
    /// <param name="value">Its value, at most 1 MiB.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    /// <exception cref="ArgumentException">One is longer.</exception>
    /// <exception cref="InvalidOperationException">The text was completed before.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (key.Length > SasldbText.MaxKeyLength)
            throw new ArgumentException($"A key is longer than {SasldbText.MaxKeyLength} octets.", nameof(key));
        if (value.Length > SasldbText.MaxValueLength)
            throw new ArgumentException($"A value is longer than {SasldbText.MaxValueLength} octets.", nameof(value));
        RequireOpen();
        Append(key.Span);
        Append(value.Span);
        Count++;
        return _pending.WrittenCount < FlushAt ? ValueTask.CompletedTask : FlushAsync(cancellationToken);
    }

    /// <summary>Writes the last line, without which no reader takes the text.</summary>
    /// <param name="cancellationToken">Stops writing.</param>
    /// <exception cref="InvalidOperationException">The text was completed before.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        RequireOpen();
        _completed = true;
        _pending.Write(SasldbText.DataEnd);
        _pending.Write("\n"u8);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases what is in memory. What was not flushed is lost; the stream stays open.</summary>
    public void Dispose() => _pending.Dispose();

    private void RequireOpen()
    {
        if (_completed)
            throw new InvalidOperationException("The text is complete.");
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_pending.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _pending.Clear();
    }

    private void Append(ReadOnlySpan<byte> octets)
    {
        Span<byte> line = _pending.GetSpan((octets.Length * SasldbText.MostPerOctet) + 2);
        int length = 0;
        line[length++] = SasldbText.Lead;
        for (int i = 0; i < octets.Length; i++)
        {
            if (IsWrittenAsItIs(octets[i], isLast: i == octets.Length - 1))
            {
                line[length++] = octets[i];
                continue;
            }
            line[length++] = SasldbText.Escape;
            line[length++] = Digit(octets[i] >> 4);
            line[length++] = Digit(octets[i] & 0xF);
        }
        line[length++] = (byte)'\n';
        _pending.Advance(length);
    }

    // A backslash is "\5c" and not "\\", which mdb_load 0.9.24 takes for another octet. A blank at the end of a line, which editors like to
    // take away, is "\20".
    private static bool IsWrittenAsItIs(byte octet, bool isLast) =>
        octet is >= 0x20 and < 0x7F && octet != SasldbText.Escape && !(isLast && octet == (byte)' ');

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
