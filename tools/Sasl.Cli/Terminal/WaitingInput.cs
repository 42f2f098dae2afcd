namespace Sasl.Cli;

/// <summary>
/// Standard input for who wants to be stopped while he waits for it: .NET's own does not stop for anything. A read that was given up still
/// takes what comes next, so nothing is to be read afterwards.
/// </summary>
/// <param name="input">Standard input; stays the caller's.</param>
internal sealed class WaitingInput(Stream input) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await input.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
