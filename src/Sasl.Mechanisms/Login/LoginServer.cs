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

    private ValueTask<SaslStep> OnNameAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!IsField(input.Span) || !Utf8.IsValid(input.Span))
            return new(SaslStep.Fail(SaslError.Malformed, "user name"));
        ValueTask<SaslUser?> resolving = context.ResolveUserAsync(Encoding.UTF8.GetString(input.Span), cancellationToken);
        return resolving.IsCompletedSuccessfully ? new(OnUser(resolving.Result, output)) : OnUserAsync(resolving, output);
    }

    private async ValueTask<SaslStep> OnUserAsync(ValueTask<SaslUser?> resolving, IBufferWriter<byte> output) =>
        OnUser(await resolving.ConfigureAwait(false), output);

    // A name that cannot be anyone's is asked for its password all the same, and refused afterwards.
    private SaslStep OnUser(SaslUser? user, IBufferWriter<byte> output)
    {
        _user = user;
        return Ask("Password:"u8, State.ExpectPassword, output);
    }

    private ValueTask<SaslStep> OnPasswordAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken) =>
        !IsField(input.Span) ? new(SaslStep.Fail(SaslError.Malformed, "password"))
        : _user is null ? new(SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's"))
        : PasswordStep.AskAsync(context, _user, input, authorizationId: null, cancellationToken);

    private SaslStep Ask(ReadOnlySpan<byte> prompt, State next, IBufferWriter<byte> output)
    {
        output.Write(prompt);
        _state = next;
        return SaslStep.Continue;
    }

    private static bool IsField(ReadOnlySpan<byte> octets) =>
        octets.Length is > 0 and <= MaxFieldLength && !octets.Contains((byte)0);
}
