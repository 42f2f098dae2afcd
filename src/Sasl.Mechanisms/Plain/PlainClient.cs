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

        string asWhom = context.AuthorizationId ?? "";
        string who = context.UserName;
        Span<byte> room = output.GetSpan(Encoding.UTF8.GetMaxByteCount(asWhom.Length + who.Length) + 2 + password.Length);
        int length = Encoding.UTF8.GetBytes(asWhom, room);
        room[length++] = 0;
        length += Encoding.UTF8.GetBytes(who, room[length..]);
        room[length++] = 0;
        password.CopyTo(room[length..]);
        output.Advance(length + password.Length);
        return new(SaslStep.Finished);
    }
}
