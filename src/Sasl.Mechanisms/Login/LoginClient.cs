using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The client side of LOGIN: answers the first prompt with the name and the second with the password, whatever the prompts say.</summary>
internal sealed class LoginClient(SaslClientContext context) : SaslExchange
{
    private State _state;

    private enum State
    {
        ExpectStart,
        ExpectNamePrompt,
        ExpectPasswordPrompt,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        switch (_state)
        {
            case State.ExpectStart:    // the name could be sent at once, but not every server knows what to do with it
                _state = State.ExpectNamePrompt;
                return new(SaslStep.Continue);
            case State.ExpectNamePrompt:
                Encoding.UTF8.GetBytes(context.UserName!, output);
                _state = State.ExpectPasswordPrompt;
                return new(SaslStep.Continue);
            case State.ExpectPasswordPrompt:
                output.Write(context.Password!.Span);
                return new(SaslStep.Finished);
        }
        throw new InvalidOperationException("LOGIN has two prompts.");
    }
}
