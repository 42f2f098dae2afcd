using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Sasl;

/// <summary>Decides which mechanisms a server offers on a channel, and remembers the answers.</summary>
/// <remarks>The answer depends on three facts of the channel only, so that creating a session costs one look-up.</remarks>
internal sealed class ServerJudge(SaslServerOptions options)
{
    private const int MaxRemembered = 64;

    private readonly ImmutableArray<SaslMechanism> _ordered = options.Policy.Order(options.Mechanisms);
    private readonly Dictionary<string, SaslMechanism> _byName = NameAll(options);
    private readonly ConcurrentDictionary<(int ExternalSsf, bool Identity, bool Binds), ImmutableArray<SaslMechanism>> _offers = new();

    public ImmutableArray<SaslMechanism> Offer(SaslChannel channel)
    {
        var facts = (channel.ExternalSsf, channel.ExternalIdentity is not null, channel.Bindings is not null);
        if (_offers.TryGetValue(facts, out ImmutableArray<SaslMechanism> known))
            return known;
        ImmutableArray<SaslMechanism> offered = JudgeAll(channel);
        if (_offers.Count < MaxRemembered)
            _offers[facts] = offered;
        return offered;
    }

    public SaslMechanism? Find(string name) => _byName.GetValueOrDefault(name);

    public SelectionReason Judge(SaslMechanism mechanism, SaslChannel channel)
    {
        if (mechanism.Server is null)
            return SelectionReason.NoSuchSide;
        SelectionReason byPolicy = options.Policy.Judge(mechanism, channel);
        return byPolicy is SelectionReason.Offered ? JudgeNeeds(mechanism.ServerNeeds, channel) : byPolicy;
    }

    public SelectionReport Explain(SaslChannel channel, string description)
    {
        IEnumerable<SelectionEntry> entries = _ordered.Select(mechanism =>
        {
            SelectionReason reason = Judge(mechanism, channel);
            return new SelectionEntry(mechanism.Name, reason, SelectionText.ForServer(reason, mechanism, options.Policy, channel));
        });
        return new SelectionReport(description, [.. entries.OrderBy(static entry => entry.IsOffered ? 0 : 1)]);
    }

    private static Dictionary<string, SaslMechanism> NameAll(SaslServerOptions options)
    {
        var byName = new Dictionary<string, SaslMechanism>(StringComparer.OrdinalIgnoreCase);
        foreach (SaslMechanism mechanism in options.Policy.Order(options.Mechanisms))
            byName.TryAdd(mechanism.Name, mechanism);    // of two with one name the first counts
        return byName;
    }

    // Beside Offer, so that a remembered answer does not pay for the closure.
    private ImmutableArray<SaslMechanism> JudgeAll(SaslChannel channel) =>
        [.. _ordered.Where(mechanism => Judge(mechanism, channel) is SelectionReason.Offered)];

    private SelectionReason JudgeNeeds(SaslServerNeeds needs, SaslChannel channel) =>
        needs.HasFlag(SaslServerNeeds.PasswordVerifier) && options.PasswordVerifier is null ? SelectionReason.NoVerifier
        : needs.HasFlag(SaslServerNeeds.CredentialStore) && options.CredentialStore is null ? SelectionReason.NoStore
        : needs.HasFlag(SaslServerNeeds.WritableCredentialStore) && options.WritableStore is null ? SelectionReason.NoWritableStore
        : needs.HasFlag(SaslServerNeeds.TokenValidator) && options.TokenValidator is null ? SelectionReason.NoTokenValidator
        : needs.HasFlag(SaslServerNeeds.ExternalIdentity) && channel.ExternalIdentity is null ? SelectionReason.NoExternalIdentity
        : SelectionReason.Offered;
}
