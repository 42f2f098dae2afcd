using System.Collections.Concurrent;

namespace Sasl;

/// <summary>One account on one service: immutable, thread-safe, the source of sessions.</summary>
/// <remarks>Keep it while you reconnect: what is slow to derive from the password is remembered here, and erased when it is disposed.</remarks>
public sealed class SaslClient : IDisposable
{
    private readonly ConcurrentDictionary<Type, object> _shared = new();
    private volatile bool _disposed;

    /// <summary>Takes the account.</summary>
    /// <param name="options">The account.</param>
    public SaslClient(SaslClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Service, nameof(options));
        ArgumentNullException.ThrowIfNull(options.ServerName, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxMessageLength, nameof(options));
        Options = options;
        Work = options.Work ?? new SaslWorkQueue();
        Ordered = options.Policy.Order(options.Mechanisms);
    }

    internal SaslClientOptions Options { get; }

    internal SaslWorkQueue Work { get; }

    internal System.Collections.Immutable.ImmutableArray<SaslMechanism> Ordered { get; }

    /// <summary>Begins one connection's negotiation.</summary>
    /// <param name="channel">The connection; take a new session when it changes, as after STARTTLS.</param>
    public SaslClientSession CreateSession(SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new SaslClientSession(this, channel);
    }

    /// <summary>Erases what was remembered. The password stays its owner's.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (object shared in _shared.Values)
            (shared as IDisposable)?.Dispose();
        _shared.Clear();
    }

    // A session that outlives its client gets what it asks for, and nothing of it is kept.
    internal T Shared<T>(Func<T> create)
        where T : class
    {
        if (_shared.TryGetValue(typeof(T), out object? known))
            return (T)known;
        return _disposed ? create() : (T)_shared.GetOrAdd(typeof(T), create());
    }
}
