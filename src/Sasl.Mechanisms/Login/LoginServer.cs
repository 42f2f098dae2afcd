using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>The server side of LOGIN: asks for the name, then for the password.</summary>
/// <remarks>A client that sends its name as an initial response, as System.Net.Mail does, is asked for the password only.</remarks>
internal sealed class LoginServer(SaslServerContext context) : SaslExchange
{
    /// <summary>The longest name and the longest password, in octets (Cyrus: 1024).</summary>
    public const int MaxFieldLength = 1024;

    private State _state;
    private SaslUser? _user;

    private enum State
    {
        ExpectStart,
        ExpectName,
        ExpectPassword,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
    {
        State.ExpectStart when input.IsEmpty => new(Ask("Username:"u8, State.ExpectName, output)),
        State.ExpectStart or State.ExpectName => OnNameAsync(input, output, cancellationToken),
        State.ExpectPassword => OnPasswordAsync(input, cancellationToken),
    };

    private async ValueTask<SaslStep> OnNameAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!IsField(input.Span) || !Utf8.IsValid(input.Span))
            return SaslStep.Fail(SaslError.Malformed, "user name");
        // A name that cannot be anyone's is asked for its password all the same, and refused afterwards.
        _user = await context.ResolveUserAsync(Encoding.UTF8.GetString(input.Span), cancellationToken).ConfigureAwait(false);
        return Ask("Password:"u8, State.ExpectPassword, output);
    }

    private async ValueTask<SaslStep> OnPasswordAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (!IsField(input.Span))
            return SaslStep.Fail(SaslError.Malformed, "password");
        if (_user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");
        PasswordVerdict verdict = await context.VerifyPasswordAsync(_user, input, cancellationToken).ConfigureAwait(false);
        return SaslStep.From(verdict, _user, authorizationId: null);
    }

    private SaslStep Ask(ReadOnlySpan<byte> prompt, State next, IBufferWriter<byte> output)
    {
        output.Write(prompt);
        _state = next;
        return SaslStep.Continue;
    }

    private static bool IsField(ReadOnlySpan<byte> octets) =>
        octets.Length is > 0 and <= MaxFieldLength && !octets.Contains((byte)0);
}
