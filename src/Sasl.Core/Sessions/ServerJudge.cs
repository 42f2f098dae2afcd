using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Sasl;

/// <summary>Decides which mechanisms a server offers on a channel, and remembers the answers.</summary>
/// <remarks>The answer depends on three facts of the channel only, and most channels of a port are alike, so that creating a session costs a comparison.</remarks>
internal sealed class ServerJudge(SaslServerOptions options)
{
    private const int MaxRemembered = 64;

    private readonly ImmutableArray<SaslMechanism> _ordered = options.Policy.Order(options.Mechanisms);
    private readonly Dictionary<string, SaslMechanism> _byName = NameAll(options);
    private readonly ConcurrentDictionary<Facts, Answer> _offers = new();
    private Answer? _last;

    private readonly record struct Facts(int ExternalSsf, bool HasIdentity, bool Binds);

    private sealed record Answer(Facts Facts, ImmutableArray<SaslMechanism> Offered);

    public ImmutableArray<SaslMechanism> Offer(SaslChannel channel)
    {
        var facts = new Facts(channel.ExternalSsf, channel.ExternalIdentity is not null, channel.Bindings is not null);
        if (_last is { } last && last.Facts == facts)
            return last.Offered;
        if (!_offers.TryGetValue(facts, out Answer? answer))
        {
            answer = new Answer(facts, JudgeAll(channel));
            if (_offers.Count < MaxRemembered)
                _offers[facts] = answer;
        }
        _last = answer;
        return answer.Offered;
    }

    /// <summary>Finds a mechanism by its name, in any case; null when there is none.</summary>
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
