namespace Sasl;

/// <summary>All that a client exchange may ask of the world. The session supplies it; nobody else can.</summary>
public abstract class SaslClientContext
{
    private protected SaslClientContext()
    {
    }

    /// <summary>The service, the server's name as it was dialled, the realm to log in to, and the connection.</summary>
    public abstract SaslServiceInfo Service { get; }

    /// <summary>The connection.</summary>
    public SaslChannel Channel => Service.Channel;

    /// <summary>Nonces.</summary>
    public abstract SaslNonceSource Nonces { get; }

    /// <summary>The time.</summary>
    public abstract TimeProvider Clock { get; }

    /// <summary>Where slow derivations run.</summary>
    public abstract SaslWorkQueue Work { get; }

    /// <summary>Which security layers may be negotiated.</summary>
    public abstract SaslLayerLimits Layers { get; }

    /// <summary>The mechanism names the server offered, as they were sent.</summary>
    public abstract IReadOnlyList<string> Offered { get; }

    /// <summary>The authcid; null when the client has none and the mechanism needs none.</summary>
    public abstract string? UserName { get; }

    /// <summary>As whom to act; null to act as the authenticated user.</summary>
    public abstract string? AuthorizationId { get; }

    /// <summary>The password; null when the client has none and the mechanism needs none.</summary>
    public abstract SaslSecret? Password { get; }

    /// <summary>The channel-binding type to use with a -PLUS mechanism; null when the channel has none or the policy forbids it.</summary>
    public abstract string? ChannelBindingType { get; }

    /// <summary>Gets an access token; null when the client has no source of tokens. The exchange disposes what it returns.</summary>
    public abstract Func<SaslTokenRequest, CancellationToken, ValueTask<SaslSecret>>? AccessToken { get; }

    /// <summary>Asks the user something in mid-exchange, such as a one-time password; null when nobody can be asked.</summary>
    public abstract Func<string, CancellationToken, ValueTask<SaslSecret?>>? Prompt { get; }

    /// <summary>State that all exchanges of one client share, made on first use, such as a cache of salted keys.</summary>
    /// <typeparam name="T">Its type, which is also its key.</typeparam>
    /// <param name="create">Makes it; may be called more than once when exchanges race, and one result is kept.</param>
    public abstract T Shared<T>(Func<T> create)
        where T : class;
}
