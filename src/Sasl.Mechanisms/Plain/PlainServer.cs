using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>The server side of PLAIN: one message, one question to the verifier.</summary>
internal sealed class PlainServer(SaslServerContext context) : SaslExchange
{
    public override async ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!PlainMessage.TryParse(input, out PlainMessage message))
            return SaslStep.Fail(SaslError.Malformed, "not authzid NUL authcid NUL password");

        SaslUser? user = await context.ResolveUserAsync(message.AuthenticationId, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "authcid cannot be anyone's");

        PasswordVerdict verdict = await context.VerifyPasswordAsync(user, message.Password, cancellationToken).ConfigureAwait(false);
        return SaslStep.From(verdict, user, message.AuthorizationId);
    }
}
