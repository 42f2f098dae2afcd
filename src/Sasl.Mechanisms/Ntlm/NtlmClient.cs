using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The client side of NTLM: says what it can, and answers the challenge.</summary>
internal sealed class NtlmClient(SaslClientContext context, NtlmOptions options) : SaslExchange
{
    // What follows the proof of an NTLMv2 response (MS-NLMP section 2.2.2.7): version twice, 6 octets, time, challenge, 4 octets, pairs, 4 octets.
    private const int TimeAt = 8;
    private const int ChallengeAt = 16;
    private const int PairsAt = 28;
    private const int EndLength = 4;

    private bool _hasAsked;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_hasAsked)
            return new(OnChallenge(input, output));
        _hasAsked = true;
        NtlmFlags flags = NtlmFlags.Unicode | NtlmFlags.Oem | NtlmFlags.RequestTarget | NtlmFlags.Ntlm;
        NtlmRequest.Write(output, options.Response is NtlmVersions.V2 ? flags | NtlmFlags.TargetInfo : flags);
        return new(SaslStep.Continue);
    }

    private SaslStep OnChallenge(ReadOnlyMemory<byte> input, IBufferWriter<byte> output)
    {
        if (NtlmChallenge.Parse(input, out string? fault) is not { } challenge)
            return SaslStep.Fail(SaslError.Malformed, fault!);
        if (options.Response is NtlmVersions.V1 && !challenge.Flags.HasFlag(NtlmFlags.Ntlm))
            return SaslStep.Fail(SaslError.MechanismTooWeak, "the server knows only the LM response, which is not sent unless it is asked for");
        // Cyrus SASL sends the domain in upper case and reads it so; for others it is only what they have to hash.
        string domain = (context.Service.Realm.Length > 0 ? context.Service.Realm : challenge.Target).ToUpperInvariant();
        NtlmAuthentication response = options.Response is NtlmVersions.V2 ? RespondV2(challenge, domain) : RespondV1(challenge, domain);
        return response.TryWrite(output, challenge.Flags & NtlmFlags.Echoed)
            ? SaslStep.Finished
            : SaslStep.Fail(SaslError.InvalidCredentials, "a name is too long for NTLM");
    }

    private NtlmAuthentication RespondV1(NtlmChallenge challenge, string domain)
    {
        Span<byte> hash = stackalloc byte[NtlmComputation.HashLength];
        byte[] response = new byte[NtlmComputation.ResponseLength];
        bool isLm = options.Response is NtlmVersions.Lm;
        if (isLm)
            NtlmComputation.HashPasswordForLm(context.Password!.Span, hash);
        else
            NtlmComputation.HashPassword(context.Password!.Span, hash);
        NtlmComputation.Respond(hash, challenge.Challenge.Span, response);
        CryptographicOperations.ZeroMemory(hash);
        return new NtlmAuthentication(isLm ? response : default, isLm ? default : response, domain, context.UserName!);
    }

    private NtlmAuthentication RespondV2(NtlmChallenge challenge, string domain)
    {
        ulong? time = NtlmTargetInfo.TimeOf(challenge.TargetInfo.Span);
        byte[] nt = new byte[NtlmComputation.HashLength + PairsAt + challenge.TargetInfo.Length + EndLength];
        byte[] lm = new byte[NtlmComputation.ResponseLength];
        Span<byte> rest = nt.AsSpan(NtlmComputation.HashLength);
        rest[0] = rest[1] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(rest[TimeAt..], time ?? (ulong)context.Clock.GetUtcNow().ToFileTime());
        context.Nonces.Fill(rest.Slice(ChallengeAt, NtlmComputation.ChallengeLength));
        challenge.TargetInfo.Span.CopyTo(rest[PairsAt..]);

        Span<byte> hash = stackalloc byte[NtlmComputation.HashLength];
        NtlmComputation.HashPassword(context.Password!.Span, hash);
        NtlmComputation.HashPasswordForV2(hash, context.UserName!, domain, hash);
        NtlmComputation.Prove(hash, challenge.Challenge.Span, rest, nt);
        // A server that says the time wants no LMv2 response, but its 24 octets (MS-NLMP section 3.1.5.1.2).
        if (time is null)
        {
            rest.Slice(ChallengeAt, NtlmComputation.ChallengeLength).CopyTo(lm.AsSpan(NtlmComputation.HashLength));
            NtlmComputation.Prove(hash, challenge.Challenge.Span, lm.AsSpan(NtlmComputation.HashLength), lm);
        }
        CryptographicOperations.ZeroMemory(hash);
        return new NtlmAuthentication(lm, nt, domain, context.UserName!);
    }
}
