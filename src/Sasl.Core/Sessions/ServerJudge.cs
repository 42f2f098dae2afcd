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
    private readonly ConcurrentDictionary<Facts, RememberedOffer> _offers = new();
    private RememberedOffer? _last;

    private readonly record struct Facts(int ExternalSsf, bool HasIdentity, bool Binds);

    private sealed record RememberedOffer(Facts Facts, ImmutableArray<SaslMechanism> Offered);

    public ImmutableArray<SaslMechanism> Offer(SaslChannel channel)
    {
        var facts = new Facts(channel.ExternalSsf, channel.ExternalIdentity is not null, channel.Bindings is not null);
        if (_last is { } last && last.Facts == facts)
            return last.Offered;
        if (!_offers.TryGetValue(facts, out RememberedOffer? answer))
        {
            answer = new RememberedOffer(facts, JudgeAll(channel));
            if (_offers.Count < MaxRemembered)
                _offers[facts] = answer;
        }
        _last = answer;
        return answer.Offered;
    }

    /// <summary>Finds a mechanism by its name, in any case; null when there is none.</summary>
    public SaslMechanism? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Finds a mechanism by its name among those that are offered, which is what clients ask for.</summary>
    public static SaslMechanism? FindOffered(string name, ImmutableArray<SaslMechanism> offered)
    {
        foreach (SaslMechanism mechanism in offered)
        {
            if (mechanism.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return mechanism;
        }
        return null;
    }

    /// <summary>Whether a mechanism is among those that are offered. By reference: comparing two records compares all they hold.</summary>
    public static bool IsOffered(SaslMechanism mechanism, ImmutableArray<SaslMechanism> offered)
    {
        foreach (SaslMechanism one in offered)
        {
            if (ReferenceEquals(one, mechanism))
                return true;
        }
        return false;
    }

    /// <summary>What a client is told that asks for a mechanism which is not offered.</summary>
    public static SaslError ErrorOf(SelectionReason reason) => reason switch
    {
        SelectionReason.NoTls => SaslError.EncryptionRequired,
        SelectionReason.TooWeak or SelectionReason.PolicyFlag or SelectionReason.BindingRequired => SaslError.MechanismTooWeak,
        _ => SaslError.MechanismUnavailable,
    };

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
