using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>Standard output as a stream, for octets that are all ASCII. What was written is erased here; the system has it then.</summary>
/// <param name="output">Standard output.</param>
internal sealed class TextOutput(TextWriter output) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => output.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Span<char> characters = stackalloc char[1024];
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, characters.Length);
            for (int i = 0; i < count; i++)
                characters[i] = (char)buffer[i];
            output.Write(characters[..count]);
            buffer = buffer[count..];
        }
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(characters));
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
