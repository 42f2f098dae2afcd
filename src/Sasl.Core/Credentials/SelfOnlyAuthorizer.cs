namespace Sasl;

/// <summary>Everybody may act as themselves and as nobody else: Cyrus SASL's default.</summary>
public sealed class SelfOnlyAuthorizer : IAuthorizer
{
    private SelfOnlyAuthorizer()
    {
    }

    /// <summary>The one instance.</summary>
    public static SelfOnlyAuthorizer Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<bool> MayActAsAsync(
        SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken) =>
        new(authenticated == requested);
}
