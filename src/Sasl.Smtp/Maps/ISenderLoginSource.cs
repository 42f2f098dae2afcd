namespace Sasl.Smtp;

/// <summary>Knows who owns a sender address: a <see cref="SmtpSenderLogins"/> table, a directory, a database.</summary>
public interface ISenderLoginSource
{
    /// <summary>Finds the owners of an address.</summary>
    /// <param name="sender">The address as it stands between the angle brackets of MAIL; never empty.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The logins that may send as that address; null when nobody owns it. A source that cannot answer throws, which the host
    /// answers with a temporary failure (451).</returns>
    ValueTask<IReadOnlyList<string>?> FindOwnersAsync(string sender, CancellationToken cancellationToken);
}
