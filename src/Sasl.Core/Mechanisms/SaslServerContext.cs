using System.Collections.Immutable;

namespace Sasl;

/// <summary>All that a server exchange may ask of the world. The session supplies it; nobody else can.</summary>
public abstract class SaslServerContext
{
    private protected SaslServerContext()
    {
    }

    /// <summary>The service, the server's name and realm, and the connection.</summary>
    public abstract SaslServiceInfo Service { get; }

    /// <summary>The connection.</summary>
    public SaslChannel Channel => Service.Channel;

    /// <summary>Nonces and salts.</summary>
    public abstract SaslNonceSource Nonces { get; }

    /// <summary>The time.</summary>
    public abstract TimeProvider Clock { get; }

    /// <summary>Where slow derivations run.</summary>
    public abstract SaslWorkQueue Work { get; }

    /// <summary>Which security layers may be negotiated.</summary>
    public abstract SaslLayerLimits Layers { get; }

    /// <summary>What this connection was offered: a downgrade shows as a client that does not know it.</summary>
    public abstract ImmutableArray<SaslMechanism> Offered { get; }

    /// <summary>The store that exchanges may write; null when there is none.</summary>
    public abstract IWritableCredentialStore? WritableStore { get; }

    /// <summary>Gets the channel-binding data of the type that the client named.</summary>
    /// <param name="type">The type, as it was sent.</param>
    /// <param name="data">The octets; empty when the result is false.</param>
    /// <returns>False when the channel has none, the policy forbids binding, or the host lets <c>tls-exporter</c> serve one exchange
    /// only and it has (RFC 9266 section 4.1).</returns>
    public abstract bool TryGetBinding(string type, out ReadOnlyMemory<byte> data);

    /// <summary>Finds the user a name stands for. The only way to get one.</summary>
    /// <param name="name">The authcid as it was sent.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>Null when the name cannot be anyone's.</returns>
    public abstract ValueTask<SaslUser?> ResolveUserAsync(string name, CancellationToken cancellationToken);

    /// <summary>Asks the configured verifier about a password. Available where the descriptor needs one.</summary>
    /// <param name="user">Whose it should be.</param>
    /// <param name="password">The octets as they were sent.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public abstract ValueTask<PasswordVerdict> VerifyPasswordAsync(
        SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken);

    /// <summary>What a client is told whose token was refused. Available where the descriptor needs a token validator.</summary>
    public abstract TokenDiscovery TokenDiscovery { get; }

    /// <summary>Tells the observer who the peer says it is, where a credential and not this name decides: nothing is proved by it.</summary>
    /// <param name="name">The name as it was sent.</param>
    public abstract void Claim(string name);

    /// <summary>Asks the configured validator about an access token. Available where the descriptor needs one.</summary>
    /// <param name="token">The octets as they were sent.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public abstract ValueTask<TokenVerdict> ValidateTokenAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken);

    /// <summary>Asks the configured store for properties. Available where the descriptor needs one.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="properties">What is wanted.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>False when the user is unknown. What the store throws is in the task; the call itself does not throw.</returns>
    public abstract ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken);

    /// <summary>Octets that look random, are always the same for one user of this server, and that nobody outside can predict.</summary>
    /// <param name="user">For whom.</param>
    /// <param name="purpose">What for; different purposes give unrelated octets.</param>
    /// <param name="destination">Filled whole; at most 64 octets.</param>
    public abstract void FillDecoy(SaslUser user, ReadOnlySpan<byte> purpose, Span<byte> destination);

    /// <summary>Hands an anonymous peer's trace (RFC 4505) to the observer.</summary>
    /// <param name="trace">Prepared with the trace profile.</param>
    public abstract void Trace(string trace);

    /// <summary>State that all exchanges of one server share, made on first use, such as a reauthentication cache.</summary>
    /// <typeparam name="T">Its type, which is also its key.</typeparam>
    /// <param name="create">Makes it; may be called more than once when exchanges race, and one result is kept.</param>
    public abstract T Shared<T>(Func<T> create)
        where T : class;
}
