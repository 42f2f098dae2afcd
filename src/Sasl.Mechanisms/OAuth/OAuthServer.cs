using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>The server side of OAUTHBEARER and XOAUTH2: one message, one question to the validator; a refusal is explained, and final when the client has heard it.</summary>
/// <remarks>The validator says who the client is. What the client says it is becomes the authorization identity, and the session
/// decides whether the one may act as the other: by default only if both are the same user.</remarks>
internal sealed class OAuthServer(SaslServerContext context, OAuthDialect dialect) : SaslExchange
{
    private State _state;
    private SaslStep _refusal;

    private enum State
    {
        ExpectToken,
        ExpectAcknowledgement,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectToken => OnTokenAsync(input, output, cancellationToken),
        State.ExpectAcknowledgement => new(dialect.IsAcknowledgement(input.Span)
            ? _refusal
            : SaslStep.Fail(SaslError.Malformed, "the refusal of the token was not acknowledged")),
    };

    private async ValueTask<SaslStep> OnTokenAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!dialect.TryParse(input.Span, out OAuthRequest request))
            return SaslStep.Fail(SaslError.Malformed, "not the names and the auth field that the mechanism has");
        if (request.UserName is { } name)
            context.Claim(name);

        ReadOnlyMemory<byte> authorization = input[request.Authorization];
        if (authorization.IsEmpty)
            return Refuse(OAuthFault.InvalidToken, "no token, which asks what token is wanted", output);
        if (!BearerToken.TryFind(authorization.Span, out int start))
            return Refuse(OAuthFault.InvalidRequest, "auth is no bearer token", output);

        TokenVerdict verdict = await context.ValidateTokenAsync(authorization[start..], cancellationToken).ConfigureAwait(false);
        return verdict.Outcome switch
        {
            TokenOutcome.Valid => await AcceptAsync(verdict.Grant!, request.UserName, output, cancellationToken).ConfigureAwait(false),
            TokenOutcome.Invalid => Refuse(OAuthFault.InvalidToken, "token not valid", output),
            TokenOutcome.InsufficientScope => Refuse(OAuthFault.InsufficientScope, "the token's scope does not suffice", output),
            TokenOutcome.Unavailable => SaslStep.Fail(SaslError.TemporaryFailure, "no token validator could answer"),
        };
    }

    private async ValueTask<SaslStep> AcceptAsync(
        TokenGrant grant, string? requested, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        SaslUser? user = await context.ResolveUserAsync(grant.UserName, cancellationToken).ConfigureAwait(false);
        return user is null
            ? Refuse(OAuthFault.InvalidToken, "the token's user cannot be anyone", output)
            : SaslStep.Authenticated(user, requested);
    }

    private SaslStep Refuse(OAuthFault fault, string diagnostic, IBufferWriter<byte> output)
    {
        dialect.WriteRefusal(fault, context.TokenDiscovery, output);
        _refusal = SaslStep.Fail(SaslError.InvalidCredentials, diagnostic);
        _state = State.ExpectAcknowledgement;
        return SaslStep.Continue;
    }
}
