namespace Sasl.Saslauthd;

/// <summary>How long and how often a verifier asks its daemon at once.</summary>
public sealed record PasswordDaemonLimits
{
    /// <summary>How long one check may take, waiting for its turn and for a connection included. Daemons wait on purpose after wrong passwords,
    /// PAM two seconds or three, and <c>rimap</c> up to thirty for its server.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long of that the daemon may leave a connection untaken.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many connections there are at once. A daemon queues few: 32 in Cyrus SASL's, which has five workers.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>How many checks more may wait for their turn; the next one fails at once.</summary>
    public int MaxWaiting { get; init; } = 1024;

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWaiting);
        ArgumentNullException.ThrowIfNull(Clock);
    }
}
