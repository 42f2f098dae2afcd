using System.Buffers;

namespace Sasl.Smtp.Tests;

/// <summary>Mechanisms that do as they are told.</summary>
internal static class TestMechanism
{
    /// <summary>Calls a function for each step, on both sides the same one.</summary>
    public static SaslMechanism Of(
        string name,
        Func<int, ReadOnlyMemory<byte>, IBufferWriter<byte>, SaslStep> step,
        SaslFirstMove firstMove = SaslFirstMove.Client,
        SaslSecurityFlags security = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous) =>
        new(name)
        {
            FirstMove = firstMove,
            Security = security,
            Server = _ => new Exchange(step),
            Client = _ => new Exchange(step),
        };

    /// <summary>A server that fails for a reason as soon as it hears something.</summary>
    public static SaslMechanism Failing(SaslError error) => Of("X-FAIL", (_, _, _) => SaslStep.Fail(error, "told to"));

    /// <summary>A server that accepts anything and has a last word.</summary>
    public static SaslMechanism LastWord { get; } = Of("X-LAST-WORD", static (_, _, output) =>
    {
        output.Write("goodbye"u8);
        return SaslStep.Authenticated(new SaslUser("alice", ""), authorizationId: null);
    });

    private sealed class Exchange(Func<int, ReadOnlyMemory<byte>, IBufferWriter<byte>, SaslStep> step) : SaslExchange
    {
        private int _steps;

        public override ValueTask<SaslStep> StepAsync(
            ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
            new(step(_steps++, input, output));
    }
}
