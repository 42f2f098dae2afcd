using Sasl.Sasldb.Text;

namespace Sasl.Sasldb;

/// <summary>
/// Reads the records of a text that <see cref="SasldbTextWriter"/>, <c>db_dump</c> (with or without <c>-p</c>) or <c>mdb_dump -n</c> (without
/// <c>-p</c>) wrote, one at a time.
/// </summary>
/// <remarks>
/// Holds one record in memory, and erases it when the next one is read and on disposal. A text that was cut off anywhere is refused, but
/// records that stand before the place are given first: whoever must not act on part of a text reads it twice. Not thread-safe.
/// </remarks>
public sealed class SasldbTextReader : IDisposable
{
    private readonly SasldbTextLines _lines;
    private readonly SecureBufferWriter _key = new();
    private readonly SecureBufferWriter _value = new();
    private SasldbTextHeader? _header;
    private bool _ended;

    /// <summary>Prepares; reads nothing yet.</summary>
    /// <param name="stream">Where the text comes from; stays the caller's. More than was asked for may have been read from it.</param>
    public SasldbTextReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _lines = new SasldbTextLines(stream);
    }

    /// <summary>The number of the line that was read last; the first is 1.</summary>
    public long LineNumber => _lines.Number;

    /// <summary>The record's key; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Key => _key.WrittenMemory;

    /// <summary>The record's value; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Value => _value.WrittenMemory;

    /// <summary>Reads a record into <see cref="Key"/> and <see cref="Value"/>.</summary>
    /// <param name="cancellationToken">Stops waiting for the stream.</param>
    /// <returns>False at the end of a text that is whole.</returns>
    /// <exception cref="SasldbTextException">A line is not what is expected there, or the text was cut off.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        _header ??= await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        await RequireLineAsync("a key or DATA=END is expected", cancellationToken).ConfigureAwait(false);
        if (_lines.Line.SequenceEqual(SasldbText.DataEnd))
        {
            await RequireEndAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
        Take("a key, a line that begins with a blank, or DATA=END is expected here", SasldbText.MaxKeyLength, _key);
        await RequireLineAsync("the value of the key before is expected", cancellationToken).ConfigureAwait(false);
        Take("the value of the key before, a line that begins with a blank, is expected here", SasldbText.MaxValueLength, _value);
        return true;
    }

    /// <summary>Reads a record into <see cref="Key"/> and <see cref="Value"/>. This thread waits for the stream.</summary>
    /// <returns>False at the end of a text that is whole.</returns>
    /// <exception cref="SasldbTextException">A line is not what is expected there, or the text was cut off.</exception>
    public bool Read()
    {
        _lines.IsBlocking = true;
        try
        {
            ValueTask<bool> reading = ReadAsync(CancellationToken.None);
            // Nothing in it waits for anything but the lines.
            return reading.IsCompleted ? reading.GetAwaiter().GetResult() : throw new InvalidOperationException("Reading did not complete at once.");
        }
        finally
        {
            _lines.IsBlocking = false;
        }
    }

    /// <summary>Erases what is in memory; the stream stays open.</summary>
    public void Dispose()
    {
        _lines.Dispose();
        _key.Dispose();
        _value.Dispose();
    }

    private async ValueTask<SasldbTextHeader> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await RequireLineAsync("VERSION=3 is expected", cancellationToken).ConfigureAwait(false);
        SasldbTextHeader.RequireVersion(_lines.Number, _lines.Line);
        var header = new SasldbTextHeader();
        do
            await RequireLineAsync("HEADER=END is expected", cancellationToken).ConfigureAwait(false);
        while (header.Take(_lines.Number, _lines.Line));
        return header;
    }

    private async ValueTask RequireLineAsync(string expected, CancellationToken cancellationToken)
    {
        if (!await _lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new SasldbTextException(_lines.Number, $"the text ends where {expected}; it was cut off");
    }

    private async ValueTask RequireEndAsync(CancellationToken cancellationToken)
    {
        if (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new SasldbTextException(_lines.Number, "nothing is expected after DATA=END; a text of several databases is not read");
        _ended = true;
        _key.Clear();
        _value.Clear();
    }

    private void Take(string expected, int most, SecureBufferWriter into)
    {
        ReadOnlySpan<byte> line = _lines.Line;
        if (line is not [SasldbText.Lead, .. var octets])
            throw new SasldbTextException(_lines.Number, expected);
        if (SasldbTextOctets.Read(octets, _header!.IsPrint, most, into) is { } complaint)
            throw new SasldbTextException(_lines.Number, complaint);
    }
}
