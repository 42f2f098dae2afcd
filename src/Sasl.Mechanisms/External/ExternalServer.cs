using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>The server side of EXTERNAL: the transport has verified who it is, the message says as whom to act.</summary>
internal sealed class ExternalServer(SaslServerContext context) : SaslExchange
{
    /// <summary>The longest authzid, in octets (Cyrus: 16384).</summary>
    public const int MaxAuthorizationIdLength = 16 * 1024;

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (input.Length > MaxAuthorizationIdLength || !Utf8.IsValid(input.Span) || input.Span.Contains((byte)0))
            return new(SaslStep.Fail(SaslError.Malformed, "authzid is not UTF-8 without NUL"));
        if (context.Channel.ExternalIdentity is not { } identity)
            return new(SaslStep.Fail(SaslError.MechanismUnavailable, "the transport has verified no identity"));
        string authorizationId = Encoding.UTF8.GetString(input.Span);
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(identity, cancellationToken);
        return resolving.IsCompletedSuccessfully ? new(Conclude(resolving.Result, authorizationId)) : ConcludeAsync(resolving, authorizationId);
    }

    private static async ValueTask<SaslStep> ConcludeAsync(ValueTask<SaslUser?> resolving, string authorizationId) =>
        Conclude(await resolving.ConfigureAwait(false), authorizationId);

    private static SaslStep Conclude(SaslUser? user, string authorizationId) => user is null
        ? SaslStep.Fail(SaslError.InvalidCredentials, "the transport's identity cannot be anyone's")
        : SaslStep.Authenticated(user, authorizationId);
}
