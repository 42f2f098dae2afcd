using System.Collections.Immutable;

namespace Sasl;

/// <summary>Everything a client authenticates with: one account on one service.</summary>
public sealed record SaslClientOptions
{
    private const int DefaultMaxMessageLength = 64 * 1024;

    /// <summary>The service's registered GSSAPI name: <c>smtp</c>, also for submission; <c>imap</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The server's host name as it was dialled, not as the server calls itself.</summary>
    public required string ServerName { get; init; }

    /// <summary>What may be used, strongest first.</summary>
    public required ImmutableArray<SaslMechanism> Mechanisms { get; init; }

    /// <summary>Which of them may be used on which channel.</summary>
    public SaslPolicy Policy { get; init; } = SaslPolicy.Default;

    /// <summary>The authcid: whose credentials these are.</summary>
    public string? UserName { get; init; }

    /// <summary>The authzid: as whom to act; null or empty to act as the user of the credentials.</summary>
    public string? AuthorizationId { get; init; }

    /// <summary>The realm to log in to, for mechanisms that have realms; null leaves the choice to the server.</summary>
    public string? Realm { get; init; }

    /// <summary>The password. The caller owns it and disposes it after the last session.</summary>
    public SaslSecret? Password { get; init; }

    /// <summary>Gets an access token when a mechanism needs it; when the server has refused the last one, a fresh one.
    /// The session disposes what it returns.</summary>
    public Func<SaslTokenRequest, CancellationToken, ValueTask<SaslSecret>>? AccessToken { get; init; }

    /// <summary>Asks the user something in mid-exchange: the text shown comes from the server. The session disposes what it returns.</summary>
    public Func<string, CancellationToken, ValueTask<SaslSecret?>>? Prompt { get; init; }

    /// <summary>The channel-binding types to use, the preferred one first; empty takes the channel's own order.
    /// PostgreSQL, for one, knows only <c>tls-server-end-point</c>.</summary>
    public ImmutableArray<string> ChannelBindingTypes { get; init; } = [];

    /// <summary>Nonces.</summary>
    public SaslNonceSource Nonces { get; init; } = SaslNonceSource.Random;

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where slow derivations run; null makes one queue for this client.</summary>
    public SaslWorkQueue? Work { get; init; }

    /// <summary>The longest message accepted from a server, in octets.</summary>
    public int MaxMessageLength { get; init; } = DefaultMaxMessageLength;
}
