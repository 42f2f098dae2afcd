using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Writes one part of a file after the other, many at once.</summary>
/// <param name="file">The file.</param>
/// <param name="place">Where to begin.</param>
internal sealed class GdbmOutput(SafeFileHandle file, long place) : IDisposable
{
    private const int Room = 256 * 1024;

    private readonly byte[] _buffer = new byte[Room];
    private long _written = place;
    private int _length;

    /// <summary>Where the next part goes.</summary>
    public long Place => _written + _length;

    /// <summary>Writes a part.</summary>
    public void Write(ReadOnlySpan<byte> part)
    {
        while (part.Length > Room - _length)
        {
            int fits = Room - _length;
            part[..fits].CopyTo(_buffer.AsSpan(_length));
            part = part[fits..];
            _length = Room;
            Flush();
        }
        part.CopyTo(_buffer.AsSpan(_length));
        _length += part.Length;
    }

    /// <summary>Writes what is left, and erases it in memory.</summary>
    public void Dispose()
    {
        try
        {
            Flush();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_buffer);
        }
    }

    private void Flush()
    {
        RandomAccess.Write(file, _buffer.AsSpan(0, _length), _written);
        _written += _length;
        _length = 0;
    }
}
