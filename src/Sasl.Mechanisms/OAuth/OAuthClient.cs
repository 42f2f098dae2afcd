using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>The client side of OAUTHBEARER and XOAUTH2: one message; a refusal is acknowledged, and remembered for whoever gives the next token.</summary>
internal sealed class OAuthClient(SaslClientContext context, OAuthDialect dialect) : SaslExchange
{
    private State _state;

    private enum State
    {
        Begin,
        ExpectRefusal,
    }

    private OAuthLastRefusal LastRefusal => context.Shared(static () => new OAuthLastRefusal());

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.Begin => BeginAsync(output, cancellationToken),
        State.ExpectRefusal => new(OnRefusal(input.Span, output)),
    };

    // Servers that do not speak RFC 7628's JSON say 535 at once: the token was refused all the same.
    protected override void OnRefused()
    {
        if (_state is State.ExpectRefusal)
            LastRefusal.Put(new SaslTokenRefusal(null, null, null));
    }

    private async ValueTask<SaslStep> BeginAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        var request = new SaslTokenRequest(context.Service) { UserName = context.UserName, Refused = LastRefusal.Take() };
        using SaslSecret token = await context.AccessToken!(request, cancellationToken).ConfigureAwait(false);
        if (!BearerToken.IsToken(token.Span))
            return SaslStep.Fail(SaslError.InvalidCredentials, "what the source of tokens gave is no bearer token");
        if (!dialect.TryWrite(context, token.Span, output))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the user name is too long or has a control character");
        _state = State.ExpectRefusal;
        return SaslStep.FinishedUnlessRefused;
    }

    private SaslStep OnRefusal(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        SaslTokenRefusal refusal = OAuthRefusal.Read(json);
        LastRefusal.Put(refusal);
        output.Write(dialect.Acknowledgement);
        return SaslStep.AcknowledgeRefusal(SaslError.InvalidCredentials, refusal.Status switch
        {
            "invalid_token" or "400" or "401" => "the server says that the access token is not valid",
            "insufficient_scope" or "403" => "the server says that the access token's scope does not suffice",
            _ => "the server refused the access token",
        });
    }
}
