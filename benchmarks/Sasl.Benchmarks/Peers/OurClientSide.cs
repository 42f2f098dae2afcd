namespace Sasl.Benchmarks;

/// <summary>This library's client.</summary>
/// <param name="options">The account.</param>
/// <param name="channel">The connection.</param>
/// <param name="mechanism">What the server offers.</param>
/// <param name="remembers">Whether one client object serves every login, as in a relay; otherwise each login makes one, and nothing is remembered.</param>
internal sealed class OurClientSide(SaslClientOptions options, SaslChannel channel, string mechanism, bool remembers) : Side
{
    private readonly byte[] _input = new byte[4096];
    private readonly string[] _offered = [mechanism];
    private SaslClient? _client = remembers ? new SaslClient(options) : null;
    private SaslClientSession _session = null!;
    private ReadOnlyMemory<byte> _message;

    public override ReadOnlySpan<byte> Output => _message.Span;

    /// <summary>The session, for its security layer.</summary>
    public SaslClientSession Session => _session;

    public override void Open()
    {
        if (!remembers)
            _client = new SaslClient(options);
        _session = _client!.CreateSession(channel);
    }

    public override void Start(bool hasInput, ReadOnlySpan<byte> input) => Take(_session.StartAsync(_offered));

    public override void Step(ReadOnlySpan<byte> input)
    {
        input.CopyTo(_input);
        Take(_session.StepAsync(_input.AsMemory(0, input.Length)));
    }

    public override void Conclude() => Take(_session.CompleteAsync());

    public override void Close()
    {
        _session.Dispose();
        if (!remembers)
            _client!.Dispose();
    }

    public override void Dispose()
    {
        _client?.Dispose();
        base.Dispose();
    }

    private void Take(ValueTask<SaslReply> step)
    {
        SaslReply reply = step.IsCompletedSuccessfully ? step.Result : step.AsTask().GetAwaiter().GetResult();
        if (reply.Status is SaslStatus.Failure)
            throw new InvalidOperationException($"The client says {reply}: {_session.FailureDetail}");
        (HasOutput, _message, IsDone) = (reply.Message is not null, reply.Message ?? default, _session.IsFinished);
    }
}
