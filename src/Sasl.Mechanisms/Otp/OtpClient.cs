using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>
/// The client side of OTP, RFC 2444. With a password it takes it for the pass phrase and computes each one-time password, and a new sequence before
/// the old one ends. Without one it shows the challenge and asks for the answer.
/// </summary>
internal sealed class OtpClient(SaslClientContext context, OtpOptions options) : SaslExchange
{
    private State _state;

    private enum State
    {
        SendNames,
        ExpectChallenge,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
        {
            State.SendNames => new(SendNames(output)),
            State.ExpectChallenge => OnChallengeAsync(input, output, cancellationToken),
        };

    private SaslStep SendNames(IBufferWriter<byte> output)
    {
        string authorizationId = context.AuthorizationId ?? "";
        if (context.UserName!.Contains('\0', StringComparison.Ordinal) || authorizationId.Contains('\0', StringComparison.Ordinal))
            return SaslStep.Fail(SaslError.InvalidCredentials, "OTP carries no NUL");
        if (context.Password is null && context.Prompt is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "there is neither a pass phrase nor anybody to ask");
        Encoding.UTF8.GetBytes(authorizationId, output);
        output.Write("\0"u8);
        Encoding.UTF8.GetBytes(context.UserName, output);
        _state = State.ExpectChallenge;
        return SaslStep.Continue;
    }

    private ValueTask<SaslStep> OnChallengeAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (OtpChallenge.Parse(input.Span) is not { } asked)
            return new(SaslStep.Fail(SaslError.Malformed, "not a challenge for a one-time password, or one of an unknown hash"));
        if (context.Password is null)
            return AskAsync(asked, output, cancellationToken);
        Answer(asked, context.Password.Span, output);
        return new(SaslStep.Finished);
    }

    private void Answer(OtpParameters asked, ReadOnlySpan<byte> passPhrase, IBufferWriter<byte> output)
    {
        string answer = HexOf(asked, passPhrase);
        if (asked.Sequence >= options.RenewBelow)
        {
            Encoding.ASCII.GetBytes($"hex:{answer}", output);
            return;
        }
        OtpParameters next = asked with
        {
            Sequence = OtpMechanism.FirstSequence,
            Seed = OtpSeed.New(context.Service.ServerName, context.Nonces, asked.Seed),
        };
        Encoding.ASCII.GetBytes($"init-hex:{answer}:{next}:{HexOf(next, passPhrase)}", output);
    }

    private static string HexOf(OtpParameters parameters, ReadOnlySpan<byte> passPhrase)
    {
        Span<byte> password = stackalloc byte[OtpHash.Length];
        OtpHash.Compute(parameters.Algorithm, passPhrase, parameters.Seed, parameters.Sequence, password);
        return OtpText.ToHex(password);
    }

    // What the user typed is sent as one kind of answer; with a prefix of its own it is sent as it is.
    private async ValueTask<SaslStep> AskAsync(OtpParameters asked, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        using SaslSecret? typed = await context.Prompt!(OtpChallenge.Write(asked), cancellationToken).ConfigureAwait(false);
        if (typed is null || OtpResponse.Parse(typed.Span, asked.Algorithm) is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "what was typed is not a one-time password");
        byte[] hex = new byte[OtpHash.Length];
        if (!typed.Span.Contains((byte)':'))
            output.Write(OtpText.TryReadHex(Encoding.ASCII.GetString(typed.Span), hex) ? "hex:"u8 : "word:"u8);
        output.Write(typed.Span);
        CryptographicOperations.ZeroMemory(hex);
        return SaslStep.Finished;
    }
}
