namespace Sasl;

/// <summary>Says whether one user may act as another (Cyrus SASL's proxy policy).</summary>
public interface IAuthorizer
{
    /// <summary>Decides. Asked after every successful authentication, also when nobody else was requested.</summary>
    /// <param name="authenticated">Whose credentials were proved.</param>
    /// <param name="requested">As whom the peer wants to act; equal to <paramref name="authenticated"/> when it did not say.</param>
    /// <param name="service">Who is asking.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    ValueTask<bool> MayActAsAsync(
        SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken);
}
