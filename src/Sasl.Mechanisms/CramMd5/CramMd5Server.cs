using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>The server side of CRAM-MD5: a challenge that is never reused, and the digest of it.</summary>
internal sealed class CramMd5Server(SaslServerContext context) : SaslExchange
{
    private const int NonceOctets = 8;
    private const int LongestNumbers = 48;    // both, with what is around them

    private static readonly ImmutableArray<SaslProperty> s_wanted = [SaslProperty.UserPassword];

    private byte[]? _challenge;

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_challenge is not null)
            return OnResponseAsync(input, cancellationToken);
        WriteChallenge(output);
        return new(SaslStep.Continue);
    }

    private ValueTask<SaslStep> OnResponseAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (!CramMd5Response.TryParse(input, out CramMd5Response response))
            return new(SaslStep.Fail(SaslError.Malformed, "not user name, space, 32 lower-case hex digits"));
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(response.UserName, cancellationToken);
        return resolving.IsCompletedSuccessfully
            ? VerifyAsync(resolving.Result, response.Digest, cancellationToken)
            : VerifyAsync(resolving, response.Digest, cancellationToken);
    }

    private async ValueTask<SaslStep> VerifyAsync(ValueTask<SaslUser?> resolving, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
        await VerifyAsync(await resolving.ConfigureAwait(false), digest, cancellationToken).ConfigureAwait(false);

    private ValueTask<SaslStep> VerifyAsync(SaslUser? user, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        if (user is null)
            return new(SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's"));
        var found = new PropertySet(s_wanted);
        ValueTask<bool> looking = context.LookupAsync(user, found, cancellationToken);
        if (!looking.IsCompletedSuccessfully)
            return VerifyAsync(user, looking, found, digest);
        using (found)
            return new(Verify(user, looking.Result, found, digest.Span));
    }

    private async ValueTask<SaslStep> VerifyAsync(SaslUser user, ValueTask<bool> looking, PropertySet found, ReadOnlyMemory<byte> digest)
    {
        using (found)
            return Verify(user, await looking.ConfigureAwait(false), found, digest.Span);
    }

    // Whoever has no password in plain text gets one all the same, so that the work and the answer are the same; what comes of it is not heeded.
    // An empty value is no password: anybody can compute its digest.
    private SaslStep Verify(SaslUser user, bool exists, PropertySet found, ReadOnlySpan<byte> digest)
    {
        bool known = found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> password) && exists && !password.IsEmpty;

        Span<byte> expected = stackalloc byte[ShortMd5.HashLength];
        Span<byte> sent = stackalloc byte[ShortMd5.HashLength];
        ShortMd5.Hmac(known ? password : "nobody's password"u8, _challenge, expected);
        bool matches = Convert.FromHexString(digest, sent, out _, out _) is OperationStatus.Done & CryptographicOperations.FixedTimeEquals(expected, sent);
        CryptographicOperations.ZeroMemory(expected);
        return matches && known ? SaslStep.Authenticated(user, authorizationId: null)
            : SaslStep.Fail(SaslError.InvalidCredentials, known ? "digest mismatch" : "unknown user, or no plain-text password stored");
    }

    // "<" digits "." time "@" host ">", as RFC 822 message identifiers are.
    private void WriteChallenge(IBufferWriter<byte> output)
    {
        Span<byte> random = stackalloc byte[NonceOctets];
        context.Nonces.Fill(random);
        string host = context.Service.ServerName;
        Span<byte> room = output.GetSpan(LongestNumbers + Encoding.UTF8.GetMaxByteCount(host.Length));
        Utf8.TryWrite(room, CultureInfo.InvariantCulture,
            $"<{BitConverter.ToUInt64(random)}.{context.Clock.GetUtcNow().ToUnixTimeSeconds()}@{host}>", out int length);
        _challenge = room[..length].ToArray();
        output.Advance(length);
    }
}
