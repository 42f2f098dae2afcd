using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>A configured server: immutable, thread-safe, shared by every connection.</summary>
public sealed class SaslServer
{
    private const int TypicalTlsSsf = 256;
    private const int MinDecoyKeyLength = 32;

    private readonly ConcurrentDictionary<Type, object> _shared = new();
    private byte[]? _decoyKey;

    /// <summary>Takes the configuration and checks that it can work.</summary>
    /// <param name="options">The configuration.</param>
    /// <exception cref="SaslConfigurationException">No mechanism could be offered on any channel; the message says why for each.</exception>
    public SaslServer(SaslServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Service, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxMessageLength, nameof(options));
        Options = options with { ServerName = options.ServerName.ToLowerInvariant() };
        Work = options.Work ?? new SaslWorkQueue();
        _decoyKey = options.DecoyKey.IsEmpty ? null : options.DecoyKey.ToArray();
        ArgumentOutOfRangeException.ThrowIfLessThan(_decoyKey?.Length ?? MinDecoyKeyLength, MinDecoyKeyLength, nameof(options));
        Judge = new ServerJudge(Options);
        ThrowIfNothingIsOffered();
    }

    internal SaslServerOptions Options { get; }

    internal SaslWorkQueue Work { get; }

    internal ServerJudge Judge { get; }

    // Lets mechanisms answer for users who do not exist, the same way every time, so that nobody can tell. Made when it is first needed: a
    // process whose mechanisms need none does not pay two milliseconds for starting the platform's cryptography.
    internal byte[] DecoyKey =>
        _decoyKey ?? LazyInitializer.EnsureInitialized(ref _decoyKey, static () => RandomNumberGenerator.GetBytes(MinDecoyKeyLength));

    /// <summary>Begins one connection's negotiation. Nearly free.</summary>
    /// <param name="channel">The connection; take a new session when it changes, as after STARTTLS.</param>
    public SaslServerSession CreateSession(SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new SaslServerSession(this, channel);
    }

    /// <summary>Explains, for every known mechanism, whether it is offered on a channel and which rule hid it.</summary>
    /// <param name="channel">The channel.</param>
    public SelectionReport Explain(SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return Judge.Explain(channel, channel.ExternalSsf > 1 ? "under TLS" : "without TLS");
    }

    /// <summary>The report for a bare connection and the one for a typical TLS connection without a client certificate.</summary>
    public IReadOnlyList<SelectionReport> ExplainAll() => [Explain(SaslChannel.Plaintext), Explain(TypicalTls(identity: null))];

    internal T Shared<T>(Func<T> create)
        where T : class =>
        _shared.TryGetValue(typeof(T), out object? known) ? (T)known : (T)_shared.GetOrAdd(typeof(T), create());

    private static SaslChannel TypicalTls(string? identity) => new()
    {
        ExternalSsf = TypicalTlsSsf,
        ExternalIdentity = identity,
        Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, ReadOnlyMemory<byte>.Empty)),
    };

    private void ThrowIfNothingIsOffered()
    {
        if (!Judge.Offer(SaslChannel.Plaintext).IsEmpty || !Judge.Offer(TypicalTls("certificate")).IsEmpty)
            return;
        throw new SaslConfigurationException(
            $"No mechanism can be offered on any connection.\n{string.Join('\n', ExplainAll())}");
    }
}
