namespace Sasl.Benchmarks;

/// <summary>One side in Cyrus SASL's library.</summary>
internal abstract unsafe class Libsasl2Side(string mechanism, uint strength) : Side
{
    private protected nint Connection;
    private protected byte* Message;
    private protected uint Length;

    private protected byte* Mechanism { get; } = Libsasl2.Text(mechanism);

    public override ReadOnlySpan<byte> Output => new(Message, (int)Length);

    /// <summary>The context, for the security layer.</summary>
    public nint Context => Connection;

    public override void Open()
    {
        IsDone = false;
        Connection = Make();
        if (strength > 0)
            Libsasl2.RequireStrength(Connection, strength);
        if (mechanism == "EXTERNAL")
            Libsasl2.SetExternal(Connection);
    }

    public override void Close() => Libsasl2.Dispose(ref Connection);

    private protected abstract nint Make();

    private protected void Take(int result)
    {
        if (result is not (Libsasl2.Ok or Libsasl2.Continue))
            throw new InvalidOperationException($"libsasl2 says {result}");
        IsDone = result == Libsasl2.Ok;
        HasOutput = Message != null;
    }

    /// <summary>The client.</summary>
    public sealed class Client(string mechanism, uint strength = 0) : Libsasl2Side(mechanism, strength)
    {
        public override void Start(bool hasInput, ReadOnlySpan<byte> input) =>
            Take(Libsasl2.ClientStart(Connection, Mechanism, null, out Message, out Length, out _));

        public override void Step(ReadOnlySpan<byte> input)
        {
            fixed (byte* octets = input)
                Take(Libsasl2.ClientStep(Connection, octets, (uint)input.Length, null, out Message, out Length));
        }

        public override void Conclude()
        {
        }

        private protected override nint Make() => Libsasl2.MakeClient();
    }

    /// <summary>The server.</summary>
    public sealed class Server(string mechanism, uint strength = 0) : Libsasl2Side(mechanism, strength)
    {
        public override void Start(bool hasInput, ReadOnlySpan<byte> input)
        {
            // A pointer that is not null is what makes an empty response a response.
            byte empty = 0;
            fixed (byte* octets = input)
            {
                byte* given = !hasInput ? null : octets == null ? &empty : octets;
                Take(Libsasl2.ServerStart(Connection, Mechanism, given, (uint)input.Length, out Message, out Length));
            }
        }

        public override void Step(ReadOnlySpan<byte> input)
        {
            byte empty = 0;
            fixed (byte* octets = input)
                Take(Libsasl2.ServerStep(Connection, octets == null ? &empty : octets, (uint)input.Length, out Message, out Length));
        }

        public override void Conclude()
        {
            Libsasl2.Check(Libsasl2.GetProperty(Connection, Libsasl2.UserName, out void* user));
            if (user == null)
                throw new InvalidOperationException("libsasl2 does not say who it is.");
        }

        private protected override nint Make() => Libsasl2.MakeServer();
    }
}
