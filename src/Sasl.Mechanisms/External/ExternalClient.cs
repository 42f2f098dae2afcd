using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of EXTERNAL: sends as whom to act, or nothing to act as the transport's identity.</summary>
internal sealed class ExternalClient(SaslClientContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        string authorizationId = context.AuthorizationId ?? "";
        if (authorizationId.Contains('\0', StringComparison.Ordinal))
            return new(SaslStep.Fail(SaslError.InvalidCredentials, "EXTERNAL carries no NUL"));
        Encoding.UTF8.GetBytes(authorizationId, output);
        return new(SaslStep.Finished);
    }
}
