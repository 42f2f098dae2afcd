namespace Sasl.Benchmarks;

/// <summary>One side in GNU SASL's library.</summary>
internal sealed unsafe class LibgsaslSide(string mechanism, bool server) : Side
{
    private readonly byte* _mechanism = Libsasl2.Text(mechanism);
    private nint _session;
    private byte* _message;
    private nuint _length;

    /// <summary>The server's session that is being stepped; zero while none is.</summary>
    public static nint Asking { get; private set; }

    public override ReadOnlySpan<byte> Output => new(_message, (int)_length);

    public override void Open()
    {
        IsDone = false;
        _session = server ? Libgsasl.MakeServer(_mechanism) : Libgsasl.MakeClient(_mechanism);
    }

    public override void Start(bool hasInput, ReadOnlySpan<byte> input)
    {
        // Its client of LOGIN has no step for a server that has not asked yet.
        if (mechanism == "LOGIN" && !server)
            HasOutput = false;
        else
            Step(hasInput, input);
    }

    public override void Step(ReadOnlySpan<byte> input) => Step(hasInput: true, input);

    private void Step(bool hasInput, ReadOnlySpan<byte> input)
    {
        Free();
        Asking = server ? _session : 0;
        // A pointer that is not null is what makes an empty message a message.
        byte empty = 0;
        fixed (byte* octets = input)
        {
            byte* given = !hasInput ? null : octets == null ? &empty : octets;
            int result = Libgsasl.Step(_session, given, (nuint)input.Length, out _message, out _length);
            if (result is not (Libgsasl.Ok or Libgsasl.NeedsMore))
                throw new InvalidOperationException($"libgsasl says {result}");
            IsDone = result == Libgsasl.Ok;
        }
        HasOutput = _length > 0 || mechanism == "EXTERNAL";
    }

    public override void Conclude()
    {
    }

    public override void Close()
    {
        Free();
        Libgsasl.Finish(_session);
        _session = 0;
    }

    private void Free()
    {
        if (_message != null)
            Libgsasl.Free(_message);
        _message = null;
        _length = 0;
    }
}
