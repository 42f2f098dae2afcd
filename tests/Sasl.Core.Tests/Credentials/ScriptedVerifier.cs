namespace Sasl.Core.Tests.Credentials;

/// <summary>Answers every question alike, and counts them.</summary>
internal sealed class ScriptedVerifier(Func<CancellationToken, ValueTask<PasswordVerdict>> answer) : IPasswordVerifier
{
    public ScriptedVerifier(PasswordOutcome outcome, string? decidedBy = null)
        : this(_ => new(new PasswordVerdict(outcome, decidedBy)))
    {
    }

    public int Asked { get; private set; }

    public static ScriptedVerifier Throwing(Exception exception) => new(_ => throw exception);

    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        Asked++;
        return answer(cancellationToken);
    }
}
