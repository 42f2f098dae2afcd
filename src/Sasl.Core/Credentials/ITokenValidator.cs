namespace Sasl;

/// <summary>Says whether an access token is valid, and whose: by its signature, by asking the issuer, by your own table.</summary>
public interface ITokenValidator
{
    /// <summary>What a client is told whose token was refused, so that it can get a better one.</summary>
    TokenDiscovery Discovery { get; }

    /// <summary>Validates one token.</summary>
    /// <param name="token">The octets as the peer sent them, of the characters that RFC 6750 section 2.1 allows; valid until the task completes,
    /// and not to be copied without erasing where that can be avoided.</param>
    /// <param name="service">Who is asking.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The verdict. A validator that throws is a temporary failure, never an invalid token.</returns>
    ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken);
}
