using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl;

/// <summary>What the exchanges of one connection may ask, answered from the server's options.</summary>
internal sealed class ServerSessionContext(SaslServer server, SaslChannel channel, ImmutableArray<SaslMechanism> offered) : SaslServerContext
{
    private const int LongestOnStack = 512;

    private bool _exporterUsed;

    public override SaslServiceInfo Service { get; } =
        new(server.Options.Service, server.Options.ServerName, server.Options.Realm, channel);

    public override SaslNonceSource Nonces => server.Options.Nonces;

    public override TimeProvider Clock => server.Options.Clock;

    public override SaslWorkQueue Work => server.Work;

    public override SaslLayerLimits Layers => server.Options.Policy.LayersAbove(channel);

    public override ImmutableArray<SaslMechanism> Offered => offered;

    public override IWritableCredentialStore? WritableStore => server.Options.WritableStore;

    // The exchange under way, so that what is learned on the way reaches the observer.
    public SaslAttempt? Attempt { get; set; }

    public override bool TryGetBinding(string type, out ReadOnlyMemory<byte> data)
    {
        data = default;
        bool isExporter = type == SaslChannelBindings.TlsExporter;
        if (server.Options.Policy.Binding is SaslBindingPolicy.Disable
            || (isExporter && _exporterUsed && !server.Options.AllowRepeatedExporterBinding))
        {
            return false;
        }
        _exporterUsed |= isExporter;
        return channel.Bindings is { } bindings && bindings.TryGet(type, out data) && !data.IsEmpty;
    }

    // A store that the exchange might have needed could not answer.
    public SaslUnavailableException? Silence { get; set; }

    public override async ValueTask<SaslUser?> ResolveUserAsync(string name, CancellationToken cancellationToken)
    {
        SaslUser? user = await server.Options.Canonicalizer.CanonicalizeAsync(name, Service, cancellationToken).ConfigureAwait(false);
        Attempt?.Name(name, user);
        return user;
    }

    public ValueTask<SaslUser?> ResolveRequestedAsync(string name, CancellationToken cancellationToken) =>
        server.Options.Canonicalizer.CanonicalizeAsync(name, Service, cancellationToken);

    public override async ValueTask<PasswordVerdict> VerifyPasswordAsync(
        SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        IPasswordVerifier verifier = server.Options.PasswordVerifier
            ?? throw new InvalidOperationException("The mechanism's descriptor does not say that it needs a password verifier.");
        long asked = SaslTelemetry.Now;
        PasswordVerdict verdict = await verifier.VerifyAsync(user, password, Service, cancellationToken).ConfigureAwait(false);
        SaslTelemetry.BackendAnswered("verifier", asked);
        if (Attempt is { } attempt)
        {
            attempt.DecidedBy = verdict.DecidedBy ?? verifier.GetType().Name;
            attempt.Reason = verdict.Reason;
        }
        return verdict;
    }

    // What the token said that was found valid in the exchange under way.
    public TokenGrant? Grant { get; set; }

    public override TokenDiscovery TokenDiscovery => Validator.Discovery;

    private ITokenValidator Validator => server.Options.TokenValidator
        ?? throw new InvalidOperationException("The mechanism's descriptor does not say that it needs a token validator.");

    public override void Claim(string name) => Attempt?.Name(name, user: null);

    public override async ValueTask<TokenVerdict> ValidateTokenAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        ITokenValidator validator = Validator;
        long asked = SaslTelemetry.Now;
        TokenVerdict verdict = await validator.ValidateAsync(token, Service, cancellationToken).ConfigureAwait(false);
        SaslTelemetry.BackendAnswered("token validator", asked);
        Grant = verdict.Grant;
        if (Attempt is { } attempt)
        {
            attempt.DecidedBy = verdict.DecidedBy ?? validator.GetType().Name;
            attempt.Reason = verdict.Reason;
        }
        return verdict;
    }

    public override async ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        ICredentialStore store = server.Options.CredentialStore
            ?? throw new InvalidOperationException("The mechanism's descriptor does not say that it needs a credential store.");
        long asked = SaslTelemetry.Now;
        properties.HeedsSilence = true;
        bool known = await store.LookupAsync(user, properties, cancellationToken).ConfigureAwait(false);
        SaslTelemetry.BackendAnswered("store", asked);
        Silence ??= properties.Silence;
        if (Attempt is { } attempt)
            attempt.DecidedBy = properties.AnsweredBy ?? store.GetType().Name;
        return known;
    }

    public override void FillDecoy(SaslUser user, ReadOnlySpan<byte> purpose, Span<byte> destination)
    {
        Span<byte> full = stackalloc byte[HMACSHA512.HashSizeInBytes];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, full.Length);
        string name = user.ToString();
        int most = purpose.Length + 1 + Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> input = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        purpose.CopyTo(input);
        input[purpose.Length] = 0;
        int length = purpose.Length + 1 + Encoding.UTF8.GetBytes(name, input[(purpose.Length + 1)..]);
        HMACSHA512.HashData(server.DecoyKey, input[..length], full);
        full[..destination.Length].CopyTo(destination);
    }

    public override void Trace(string trace)
    {
        if (Attempt is { } attempt)
            server.Options.Observer.AnonymousTrace(attempt, trace);
    }

    public override T Shared<T>(Func<T> create) => server.Shared(create);
}
