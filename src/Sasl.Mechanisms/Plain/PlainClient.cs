using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of PLAIN: one message and nothing to verify.</summary>
internal sealed class PlainClient(SaslClientContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> password = context.Password!.Span;
        if (password.IsEmpty || password.Contains((byte)0) || context.UserName!.Contains('\0', StringComparison.Ordinal)
            || context.AuthorizationId?.Contains('\0', StringComparison.Ordinal) is true)
        {
            return new(SaslStep.Fail(SaslError.InvalidCredentials, "PLAIN carries no empty password and no NUL"));
        }

        Encoding.UTF8.GetBytes(context.AuthorizationId ?? "", output);
        output.Write("\0"u8);
        Encoding.UTF8.GetBytes(context.UserName, output);
        output.Write("\0"u8);
        output.Write(password);
        return new(SaslStep.Finished);
    }
}
