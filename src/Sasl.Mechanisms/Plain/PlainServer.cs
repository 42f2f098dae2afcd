using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>The server side of PLAIN: one message, one question to the verifier.</summary>
internal sealed class PlainServer(SaslServerContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!PlainMessage.TryParse(input, out PlainMessage message))
            return new(SaslStep.Fail(SaslError.Malformed, "not authzid NUL authcid NUL password"));
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(message.AuthenticationId, cancellationToken);
        return resolving.IsCompletedSuccessfully
            ? VerifyAsync(resolving.Result, message, cancellationToken)
            : VerifyAsync(resolving, message, cancellationToken);
    }

    private async ValueTask<SaslStep> VerifyAsync(ValueTask<SaslUser?> resolving, PlainMessage message, CancellationToken cancellationToken) =>
        await VerifyAsync(await resolving.ConfigureAwait(false), message, cancellationToken).ConfigureAwait(false);

    private ValueTask<SaslStep> VerifyAsync(SaslUser? user, in PlainMessage message, CancellationToken cancellationToken) => user is null
        ? new(SaslStep.Fail(SaslError.InvalidCredentials, "authcid cannot be anyone's"))
        : PasswordStep.AskAsync(context, user, message.Password, message.AuthorizationId, cancellationToken);
}
