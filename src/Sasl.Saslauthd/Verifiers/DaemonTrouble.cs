namespace Sasl.Saslauthd;

/// <summary>Why a daemon could not be asked: a kind, a sentence for the administrator, and what the system reported.</summary>
internal sealed record DaemonTrouble(PasswordDaemonFault Fault, string Text, Exception? Reported = null)
{
    public SaslUnavailableException ToException() =>
        Reported is null ? new SaslUnavailableException(Text) : new SaslUnavailableException(Text, Reported);
}
