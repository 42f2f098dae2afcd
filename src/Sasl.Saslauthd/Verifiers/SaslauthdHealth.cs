namespace Sasl.Saslauthd;

/// <summary>Says whether saslauthd answers: "enabled but not started" is found before the first user cannot log in.</summary>
/// <remarks>
/// Without a login it asks with an empty name, which the daemon refuses by itself: nothing is logged as a failed login, nobody is locked
/// out, and PAM does not wait. With one it asks as a user who should not exist, so that what the daemon asks in turn has to answer, too.
/// </remarks>
/// <param name="verifier">Who asks.</param>
/// <param name="login">A name that nobody has, or null.</param>
public sealed class SaslauthdHealth(SaslauthdVerifier verifier, SaslUser? login = null)
{
    private static readonly SaslServiceInfo s_service = new("health", "localhost", "", SaslChannel.Plaintext);

    /// <summary>Asks once.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Ready when the daemon said no; a yes is a fault, because such a daemon lets everybody in.</returns>
    public ValueTask<PasswordDaemonState> CheckAsync(CancellationToken cancellationToken) =>
        login is null ? verifier.ProbeAsync(cancellationToken) : AskAsync(login, cancellationToken);

    private async ValueTask<PasswordDaemonState> AskAsync(SaslUser user, CancellationToken cancellationToken)
    {
        try
        {
            // Nobody's password, and no constant, because somebody might choose the constant.
            byte[] password = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16);
            PasswordVerdict verdict = await verifier.VerifyAsync(
                user, Convert.ToHexString(password).Select(static digit => (byte)digit).ToArray(), s_service, cancellationToken).ConfigureAwait(false);
            return verdict.Outcome is PasswordOutcome.Match
                ? new PasswordDaemonState(PasswordDaemonFault.Garbage, "saslauthd accepts a login that is impossible: it would let everybody in")
                : new PasswordDaemonState(null, verdict.Reason is null ? "saslauthd answers" : $"saslauthd answers: {verdict.Reason}");
        }
        catch (SaslUnavailableException exception)
        {
            return new PasswordDaemonState(PasswordDaemonFault.Unable, exception.Message);
        }
    }
}
