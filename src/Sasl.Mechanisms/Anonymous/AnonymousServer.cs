using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>The server side of ANONYMOUS: takes the trace, proves nothing.</summary>
internal sealed class AnonymousServer(SaslServerContext context) : SaslExchange
{
    /// <summary>The longest trace, in characters (RFC 4505 section 2), which is up to four times as many octets.</summary>
    public const int MaxTraceLength = 255;

    private const string AnonymousUser = "anonymous";

    public override async ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (input.Length > 4 * MaxTraceLength || !Utf8.IsValid(input.Span))
            return SaslStep.Fail(SaslError.Malformed, "trace is not UTF-8 of at most 255 characters");
        string sent = Encoding.UTF8.GetString(input.Span);
        if (sent.EnumerateRunes().Count() > MaxTraceLength || !SaslPrep.TryTrace(sent, out string? trace))
            return SaslStep.Fail(SaslError.Malformed, "trace cannot be prepared");

        SaslUser? user = await context.ResolveUserAsync(AnonymousUser, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.NotAuthorized, "the canonicalizer knows no anonymous user");
        context.Trace(trace);
        return SaslStep.Authenticated(user, authorizationId: null);
    }
}
