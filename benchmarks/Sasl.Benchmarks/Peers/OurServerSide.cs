namespace Sasl.Benchmarks;

/// <summary>This library's server.</summary>
internal sealed class OurServerSide(SaslServer server, SaslChannel channel, string mechanism) : Side
{
    private readonly byte[] _input = new byte[4096];
    private SaslServerSession _session = null!;
    private ReadOnlyMemory<byte> _message;

    public override ReadOnlySpan<byte> Output => _message.Span;

    /// <summary>The session, for its security layer.</summary>
    public SaslServerSession Session => _session;

    public override void Open() => _session = server.CreateSession(channel);

    public override void Start(bool hasInput, ReadOnlySpan<byte> input) =>
        Take(_session.StartAsync(mechanism, hasInput ? Copy(input) : (ReadOnlyMemory<byte>?)null));

    public override void Step(ReadOnlySpan<byte> input) => Take(_session.StepAsync(Copy(input)));

    public override void Conclude()
    {
        if (_session.Identity!.Authenticated.Name.Length == 0)
            throw new InvalidOperationException("Nobody is logged in.");
    }

    public override void Close() => _session.Dispose();

    private Memory<byte> Copy(ReadOnlySpan<byte> input)
    {
        input.CopyTo(_input);
        return _input.AsMemory(0, input.Length);
    }

    private void Take(ValueTask<SaslReply> step)
    {
        SaslReply reply = step.IsCompletedSuccessfully ? step.Result : step.AsTask().GetAwaiter().GetResult();
        if (reply.Status is SaslStatus.Failure)
            throw new InvalidOperationException($"The server says {reply}");
        (HasOutput, _message, IsDone) = (reply.Message is not null, reply.Message ?? default, reply.IsSuccess);
    }
}
