using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl;

/// <summary>What the exchanges of one connection may ask, answered from the server's options, and where they write.</summary>
internal sealed class ServerSessionContext(SaslServer server, SaslChannel channel, ImmutableArray<SaslMechanism> offered) : SaslServerContext, IBufferWriter<byte>
{
    private const int LongestOnStack = 512;

    private bool _exporterUsed;
    private ErasedBuffer _output;

    public SaslServer Server => server;

    /// <summary>What the exchange has written since it was last cleared.</summary>
    public ReadOnlyMemory<byte> Written => _output.Memory;

    // Made when somebody asks, because most connections of a busy port never get so far.
    public override SaslServiceInfo Service =>
        field ??= new(server.Options.Service, server.Options.ServerName, server.Options.Realm, channel);

    /// <summary>The connection, without what belongs to an exchange.</summary>
    public SaslChannel Connection => channel;

    public override SaslNonceSource Nonces => server.Options.Nonces;

    public override TimeProvider Clock => server.Options.Clock;

    public override SaslWorkQueue Work => server.Work;

    public override SaslLayerLimits Layers => server.Options.Policy.LayersAbove(channel);

    public override ImmutableArray<SaslMechanism> Offered => offered;

    public override IWritableCredentialStore? WritableStore => server.Options.WritableStore;

    // Null where nobody observes. The exchange under way, so that what is learned on the way reaches the observer.
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

    public void Advance(int count) => _output.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _output.Rest(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _output.RestSpan(sizeHint);

    /// <summary>Erases what was written.</summary>
    public void ClearOutput() => _output.Clear();

    /// <summary>Erases what was written and gives the memory back.</summary>
    public void DisposeOutput() => _output.Dispose();

    // What is known at once, as the default canonicalizer knows everything, needs no state to come back to.
    public override ValueTask<SaslUser?> ResolveUserAsync(string name, CancellationToken cancellationToken)
    {
        ValueTask<SaslUser?> resolving = server.Options.Canonicalizer.CanonicalizeAsync(name, Service, cancellationToken);
        return resolving.IsCompletedSuccessfully ? new(Note(name, resolving.Result)) : NoteAsync(name, resolving);
    }

    public ValueTask<SaslUser?> ResolveRequestedAsync(string name, CancellationToken cancellationToken) =>
        server.Options.Canonicalizer.CanonicalizeAsync(name, Service, cancellationToken);

    public override ValueTask<PasswordVerdict> VerifyPasswordAsync(
        SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        IPasswordVerifier verifier = server.Options.PasswordVerifier
            ?? throw new InvalidOperationException("The mechanism's descriptor does not say that it needs a password verifier.");
        long asked = SaslTelemetry.Now;
        ValueTask<PasswordVerdict> verifying = verifier.VerifyAsync(user, password, Service, cancellationToken);
        return verifying.IsCompletedSuccessfully ? new(Note(verifier, asked, verifying.Result)) : NoteAsync(verifier, asked, verifying);
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

    public override ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        ICredentialStore store = server.Options.CredentialStore
            ?? throw new InvalidOperationException("The mechanism's descriptor does not say that it needs a credential store.");
        long asked = SaslTelemetry.Now;
        properties.HeedsSilence = true;
        ValueTask<bool> looking;
        try
        {
            looking = store.LookupAsync(user, properties, cancellationToken);
            if (looking.IsCompletedSuccessfully)
                return new(Note(store, asked, properties, looking.Result));
        }
#pragma warning disable CA1031 // Moved into the task, so that whoever owns the set has one way out to dispose it on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            looking = ValueTask.FromException<bool>(exception);
        }
        return NoteAsync(store, asked, properties, looking);
    }

    private SaslUser? Note(string name, SaslUser? user)
    {
        Attempt?.Name(name, user);
        return user;
    }

    private async ValueTask<SaslUser?> NoteAsync(string name, ValueTask<SaslUser?> resolving) => Note(name, await resolving.ConfigureAwait(false));

    private PasswordVerdict Note(IPasswordVerifier verifier, long asked, PasswordVerdict verdict)
    {
        SaslTelemetry.BackendAnswered("verifier", asked);
        if (Attempt is { } attempt)
        {
            attempt.DecidedBy = verdict.DecidedBy ?? verifier.GetType().Name;
            attempt.Reason = verdict.Reason;
        }
        return verdict;
    }

    private async ValueTask<PasswordVerdict> NoteAsync(IPasswordVerifier verifier, long asked, ValueTask<PasswordVerdict> verifying) =>
        Note(verifier, asked, await verifying.ConfigureAwait(false));

    private bool Note(ICredentialStore store, long asked, PropertySet properties, bool known)
    {
        SaslTelemetry.BackendAnswered("store", asked);
        Silence ??= properties.Silence;
        if (Attempt is { } attempt)
            attempt.DecidedBy = properties.AnsweredBy ?? store.GetType().Name;
        return known;
    }

    private async ValueTask<bool> NoteAsync(ICredentialStore store, long asked, PropertySet properties, ValueTask<bool> looking) =>
        Note(store, asked, properties, await looking.ConfigureAwait(false));

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
