using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of CRAM-MD5: one challenge, one response.</summary>
internal sealed class CramMd5Client(SaslClientContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (input.IsEmpty)
            return new(SaslStep.Fail(SaslError.Malformed, "the challenge is empty"));
        Encoding.UTF8.GetBytes(context.UserName!, output);
        output.Write(" "u8);
        CramMd5Digest.Compute(context.Password!.Span, input.Span, output.GetSpan(CramMd5Digest.HexLength)[..CramMd5Digest.HexLength]);
        output.Advance(CramMd5Digest.HexLength);
        return new(SaslStep.Finished);
    }
}
