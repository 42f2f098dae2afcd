using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The server side of NTLM: a challenge, and a response that only who knows the password could make.</summary>
internal sealed class NtlmServer(SaslServerContext context, NtlmOptions options) : SaslExchange
{
    private static readonly ImmutableArray<SaslProperty> s_wanted = [SaslProperty.UserPassword];

    private byte[]? _challenge;
    private bool _isUnicode;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        _challenge is null ? new(Challenge(input.Span, output)) : OnResponseAsync(input, cancellationToken);

    private SaslStep Challenge(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (NtlmRequest.Parse(input) is not { } wanted)
            return SaslStep.Fail(SaslError.Malformed, "the request is not NTLM's");
        NtlmFlags flags = wanted & NtlmFlags.Echoed;
        _isUnicode = flags.HasFlag(NtlmFlags.Unicode);
        if (_isUnicode)
            flags &= ~NtlmFlags.Oem;
        bool namesTarget = flags.HasFlag(NtlmFlags.RequestTarget);
        // Whoever asks for either knows NTLMv2, and needs this to use it. Cyrus SASL has none to give, and its client does not ask.
        bool hasInfo = namesTarget && (wanted & (NtlmFlags.TargetInfo | NtlmFlags.ExtendedSessionSecurity)) != 0;
        _challenge = new byte[NtlmComputation.ChallengeLength];
        context.Nonces.Fill(_challenge);
        new NtlmChallenge(
            flags | (namesTarget ? NtlmFlags.TargetIsServer : 0) | (hasInfo ? NtlmFlags.TargetInfo : 0), _challenge,
            namesTarget ? context.Service.ServerName.ToUpperInvariant() : "",
            hasInfo ? NtlmTargetInfo.Make(context.Service.ServerName) : default).Write(output);
        return SaslStep.Continue;
    }

    private async ValueTask<SaslStep> OnResponseAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (NtlmAuthentication.Parse(input, _isUnicode, out string? fault) is not { } response)
            return SaslStep.Fail(SaslError.Malformed, fault!);
        SaslUser? user = await context.ResolveUserAsync(response.User, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");
        using var found = new PropertySet(s_wanted);
        bool exists = await context.LookupAsync(user, found, cancellationToken).ConfigureAwait(false);
        return Judge(response, user, exists, found);
    }

    // Whoever has no password in plain text gets a password nobody knows, so that the work and the answer are the same.
    private SaslStep Judge(NtlmAuthentication response, SaslUser user, bool exists, PropertySet found)
    {
        Span<byte> decoy = stackalloc byte[NtlmComputation.HashLength];
        context.FillDecoy(user, "ntlm"u8, decoy);
        bool known = found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> password) && exists && !password.IsEmpty;
        NtlmVersions version = Match(response, known ? password : decoy);
        if (!known)
            return SaslStep.Fail(SaslError.InvalidCredentials, "unknown user, or no plain-text password stored");
        if (version is NtlmVersions.None)
            return SaslStep.Fail(SaslError.InvalidCredentials, "response mismatch");
        return options.Accepted.HasFlag(version)
            ? SaslStep.Authenticated(user, authorizationId: null)
            : SaslStep.Fail(SaslError.InvalidCredentials, "the response is of a version that is not accepted");
    }

    // Which response counts is Cyrus SASL's rule: the NT response where there is one, whatever stands beside it.
    private NtlmVersions Match(NtlmAuthentication response, ReadOnlySpan<byte> password)
    {
        Span<byte> hash = stackalloc byte[NtlmComputation.HashLength];
        NtlmComputation.HashPassword(password, hash);
        try
        {
            if (response.NtResponse.Length > NtlmComputation.ResponseLength)
                return MatchesV2(response.NtResponse.Span, response, hash) ? NtlmVersions.V2 : NtlmVersions.None;
            if (!response.NtResponse.IsEmpty)
                return MatchesV1(response.NtResponse.Span, hash) ? NtlmVersions.V1 : NtlmVersions.None;
            if (MatchesV2(response.LmResponse.Span, response, hash))
                return NtlmVersions.V2;
            NtlmComputation.HashPasswordForLm(password, hash);
            return MatchesV1(response.LmResponse.Span, hash) ? NtlmVersions.Lm : NtlmVersions.None;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(hash);
        }
    }

    private bool MatchesV1(ReadOnlySpan<byte> response, ReadOnlySpan<byte> hash)
    {
        Span<byte> expected = stackalloc byte[NtlmComputation.ResponseLength];
        NtlmComputation.Respond(hash, _challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response);
    }

    // MS-NLMP takes the domain as it was sent, Cyrus SASL in upper case.
    private bool MatchesV2(ReadOnlySpan<byte> response, NtlmAuthentication names, ReadOnlySpan<byte> hash) =>
        MatchesV2(response, names.User, names.Domain, hash) | MatchesV2(response, names.User, names.Domain.ToUpperInvariant(), hash);

    private bool MatchesV2(ReadOnlySpan<byte> response, string user, string domain, ReadOnlySpan<byte> hash)
    {
        Span<byte> key = stackalloc byte[NtlmComputation.HashLength];
        Span<byte> expected = stackalloc byte[NtlmComputation.HashLength];
        NtlmComputation.HashPasswordForV2(hash, user, domain, key);
        NtlmComputation.Prove(key, _challenge, response[NtlmComputation.HashLength..], expected);
        bool matches = CryptographicOperations.FixedTimeEquals(expected, response[..NtlmComputation.HashLength]);
        CryptographicOperations.ZeroMemory(key);
        return matches;
    }
}
