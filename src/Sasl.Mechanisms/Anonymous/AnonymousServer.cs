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

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (input.Length > 4 * MaxTraceLength || !Utf8.IsValid(input.Span))
            return new(SaslStep.Fail(SaslError.Malformed, "trace is not UTF-8 of at most 255 characters"));
        string sent = Encoding.UTF8.GetString(input.Span);
        if (IsLong(sent) || !SaslPrep.TryTrace(sent, out string? trace))
            return new(SaslStep.Fail(SaslError.Malformed, "trace cannot be prepared"));
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(AnonymousUser, cancellationToken);
        return resolving.IsCompletedSuccessfully ? new(Conclude(resolving.Result, trace)) : ConcludeAsync(resolving, trace);
    }

    /// <summary>Whether a trace has more than 255 characters.</summary>
    public static bool IsLong(string trace) => trace.Length > MaxTraceLength && trace.EnumerateRunes().Count() > MaxTraceLength;

    private async ValueTask<SaslStep> ConcludeAsync(ValueTask<SaslUser?> resolving, string trace) =>
        Conclude(await resolving.ConfigureAwait(false), trace);

    private SaslStep Conclude(SaslUser? user, string trace)
    {
        if (user is null)
            return SaslStep.Fail(SaslError.NotAuthorized, "the canonicalizer knows no anonymous user");
        context.Trace(trace);
        return SaslStep.Authenticated(user, authorizationId: null);
    }
}
