namespace Sasl.Kerberos;

/// <summary>What the clients of all Kerberos mechanisms share: whose tickets, and for whom.</summary>
internal abstract class KerberosClientExchange(
    SaslClientContext context, KerberosOptions options, KerberosBackend backend, WarnOnce warnings, bool negotiates)
    : KerberosExchange(context.Work, options, warnings)
{
    /// <summary>What the exchange may ask of the world.</summary>
    protected SaslClientContext Context => context;

    /// <inheritdoc/>
    protected sealed override GssUsage Usage => GssUsage.Initiate;

    /// <summary>What the conversation has to have.</summary>
    protected abstract GssFlags Wanted { get; }

    /// <summary>What the server has to see as the client does; empty for nothing.</summary>
    protected virtual byte[] Binding => [];

    /// <summary>Protection against replayed, dropped and reordered buffers, and a server that proves itself.</summary>
    protected GssFlags AlwaysWanted =>
        GssFlags.Mutual | GssFlags.Replay | GssFlags.Sequence | (Options.Delegate ? GssFlags.Delegate : GssFlags.None);

    /// <inheritdoc/>
    protected sealed override KerberosContext Open() => backend.OpenClient(
        new KerberosRequest(Options, context.Service.Service, context.Service.ServerName, negotiates) { Wanted = Wanted, Binding = Binding });

    /// <inheritdoc/>
    protected sealed override SaslStep FailLocally(KerberosProblem problem) => FailOn(problem);

    /// <inheritdoc/>
    protected sealed override SaslStep FailOn(KerberosProblem problem) =>
        SaslStep.Fail(KerberosVerdict.ErrorOnClient(problem), KerberosVerdict.Explain(problem));
}
