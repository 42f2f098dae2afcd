namespace Sasl.Smtp;

/// <summary>Knows with which name and password to log in to a server: a <see cref="SmtpPasswordMap"/>, a vault, a database.</summary>
public interface ISmtpCredentialSource
{
    /// <summary>Finds the credential for a destination.</summary>
    /// <param name="destination">Where a client is about to log in.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The credential, or null in it. A source that cannot answer throws; sending without a login would be wrong then.</returns>
    ValueTask<SmtpCredentialAnswer> FindAsync(SmtpDestination destination, CancellationToken cancellationToken);
}
