namespace Sasl;

/// <summary>Says whether a password is a user's: saslauthd, PAM, a store, your own database. It gives nothing out; compare <see cref="ICredentialStore"/>.</summary>
public interface IPasswordVerifier
{
    /// <summary>Verifies one password.</summary>
    /// <param name="user">Whose it should be.</param>
    /// <param name="password">The octets as the peer sent them; valid until the task completes, and not to be copied without erasing.</param>
    /// <param name="service">Who is asking.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The verdict. A verifier that throws is a temporary failure, never a wrong password.</returns>
    ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken);
}
