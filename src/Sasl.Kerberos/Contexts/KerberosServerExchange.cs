namespace Sasl.Kerberos;

/// <summary>What the servers of all Kerberos mechanisms share: whose keys, and who the client is.</summary>
internal abstract class KerberosServerExchange(
    SaslServerContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings, bool negotiates)
    : KerberosExchange(context.Work, options, warnings)
{
    private KerberosDelegatedCredential? _delegated;

    /// <inheritdoc/>
    public override SaslDelegatedCredential? DelegatedCredential => _delegated;

    /// <summary>What the exchange may ask of the world.</summary>
    protected SaslServerContext Context => context;

    /// <inheritdoc/>
    protected sealed override GssUsage Usage => GssUsage.Accept;

    /// <summary>What the client has to see as the server does; empty for nothing.</summary>
    protected virtual byte[] Binding => [];

    /// <inheritdoc/>
    protected sealed override KerberosContext Open() =>
        backend.OpenServer(new KerberosRequest(Options, context.Service.Service, context.Service.ServerName, negotiates) { Binding = Binding });

    /// <inheritdoc/>
    protected sealed override SaslStep FailLocally(KerberosProblem problem) =>
        SaslStep.Fail(SaslError.TemporaryFailure, KerberosVerdict.Explain(problem));

    /// <inheritdoc/>
    protected sealed override SaslStep FailOn(KerberosProblem problem) =>
        SaslStep.Fail(KerberosVerdict.ErrorOnServer(problem), KerberosVerdict.Explain(problem));

    /// <summary>The client has proved who it is.</summary>
    /// <param name="authorizationId">As whom it wants to act; null when it did not say.</param>
    /// <param name="channelBinding">The type of channel binding that was verified; null when none was.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    protected async ValueTask<SaslStep> AuthenticateAsync(string? authorizationId, string? channelBinding, CancellationToken cancellationToken)
    {
        // A backslash stands before what divides names and realms; whoever took it for a part of the name could be misled.
        if (Conversation.Peer.Length == 0 || Conversation.Peer.Contains('\\', StringComparison.Ordinal))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the principal's name cannot be a user's");
        SaslUser? user = await context.ResolveUserAsync(Conversation.Peer, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");
        _delegated = Conversation.Delegated;
        if (_delegated is not null && Options.CcacheStore is { } template)
            await KeepAsync(_delegated, template, Conversation.Peer, cancellationToken).ConfigureAwait(false);
        KeepsContext = SecurityLayer is not null;
        return SaslStep.Authenticated(user, authorizationId, channelBinding);
    }

    // A login is good without them; the administrator hears why they are not there.
    private async ValueTask KeepAsync(KerberosDelegatedCredential delegated, string template, string user, CancellationToken cancellationToken)
    {
        if (!CacheName.TryMake(template, user, out string? cache, out string? why))
        {
            Warnings.Say($"Delegated tickets are not kept: {why}.");
            return;
        }
        try
        {
            await Work.RunAsync(
                () =>
                {
                    delegated.Store(cache);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or PlatformNotSupportedException)
        {
            Warnings.Say(problem.Message);
        }
    }
}
