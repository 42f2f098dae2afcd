using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of ANONYMOUS: leaves the user name as its trace, or nothing.</summary>
internal sealed class AnonymousClient(SaslClientContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        string trace = context.UserName ?? "";
        if (AnonymousServer.IsLong(trace) || !SaslPrep.TryTrace(trace, out string? prepared))
            return new(SaslStep.Fail(SaslError.InvalidCredentials, "the user name cannot serve as a trace"));
        Encoding.UTF8.GetBytes(prepared, output);
        return new(SaslStep.Finished);
    }
}
