using System.Collections.Immutable;

namespace Sasl;

/// <summary>Which mechanisms may be used on which channel: Cyrus SASL's security properties.</summary>
public sealed record SaslPolicy
{
    private const int DefaultMaxBuffer = 64 * 1024;

    /// <summary>Nobody anonymous, and no password outside an encrypted channel.</summary>
    public static SaslPolicy Default { get; } = new() { Require = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous };

    /// <summary>Guarantees every mechanism must give. An encrypted channel lifts <see cref="SaslSecurityFlags.NoPlaintext"/>.</summary>
    public SaslSecurityFlags Require { get; init; }

    /// <summary>The least acceptable strength in bits, counting what the channel already has.</summary>
    public int MinSsf { get; init; }

    /// <summary>The strongest security layer to negotiate in bits, counting what the channel already has; 0, the default, forbids security layers.</summary>
    public int MaxSsf { get; init; }

    /// <summary>The largest sealed buffer to accept from the peer, in octets.</summary>
    public int MaxBuffer { get; init; } = DefaultMaxBuffer;

    /// <summary>Whether logins are bound to the channel below.</summary>
    public SaslBindingPolicy Binding { get; init; }

    /// <summary>The mechanisms allowed, in order of preference (<c>mech_list</c>); empty allows all that are fit for use unasked.
    /// A name without <c>-PLUS</c> allows both variants, as in Cyrus SASL.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>Puts the mechanisms in order of preference: the order of <see cref="Allow"/> where it is set, else as they come.</summary>
    /// <param name="mechanisms">All that are known, strongest first.</param>
    /// <returns>All of them, those not allowed last.</returns>
    public ImmutableArray<SaslMechanism> Order(ImmutableArray<SaslMechanism> mechanisms) =>
        Allow.IsEmpty
            ? mechanisms
            :
            [
                .. mechanisms
                    .OrderBy(mechanism => (uint)PlaceOf(mechanism))    // -1 becomes the last place
                    .ThenBy(mechanism => PlaceOf(mechanism) >= 0 && mechanism.RequiresChannelBinding ? 0 : 1),
            ];

    /// <summary>Judges one mechanism on one channel, by this policy alone.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="channel">The channel.</param>
    /// <returns><see cref="SelectionReason.Offered"/> permits it; otherwise the first rule that forbids it.</returns>
    public SelectionReason Judge(SaslMechanism mechanism, SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentNullException.ThrowIfNull(channel);

        if (mechanism.MissingOnPlatform is not null)
            return SelectionReason.MissingOnPlatform;
        if (!Allow.IsEmpty && PlaceOf(mechanism) < 0)
            return SelectionReason.NotInList;
        if (Allow.IsEmpty && mechanism.OnlyWhenNamed)
            return SelectionReason.OnlyWhenNamed;
        if (mechanism.RequiresChannelBinding && (channel.Bindings is null || Binding is SaslBindingPolicy.Disable))
            return SelectionReason.NoBinding;
        if (!mechanism.RequiresChannelBinding && Binding is SaslBindingPolicy.Require)
            return SelectionReason.BindingRequired;
        SaslLayerLimits layers = LayersAbove(channel);
        if (Math.Min(mechanism.MaxSsf, layers.MaxSsf) < layers.MinSsf)
            return SelectionReason.TooWeak;

        SaslSecurityFlags missing = MissingFlags(mechanism, channel);
        return missing == SaslSecurityFlags.None ? SelectionReason.Offered
            : missing == SaslSecurityFlags.NoPlaintext ? SelectionReason.NoTls
            : SelectionReason.PolicyFlag;
    }

    /// <summary>The required guarantees that a mechanism does not give on a channel.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="channel">The channel.</param>
    public SaslSecurityFlags MissingFlags(SaslMechanism mechanism, SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentNullException.ThrowIfNull(channel);
        // A password sent inside an encrypted channel is no longer sent in plain text (Cyrus: mech_permitted). Strength 1 is integrity alone.
        bool encrypted = channel.ExternalSsf > 1 && channel.ExternalSsf >= MinSsf;
        return (encrypted ? Require & ~SaslSecurityFlags.NoPlaintext : Require) & ~mechanism.Security;
    }

    /// <summary>Which security layers may be negotiated above a channel.</summary>
    /// <param name="channel">The channel; what it provides is taken off.</param>
    public SaslLayerLimits LayersAbove(SaslChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new SaslLayerLimits(
            Math.Max(0, MinSsf - channel.ExternalSsf), Math.Max(0, MaxSsf - channel.ExternalSsf), MaxBuffer);
    }

    // A name in the list stands for both variants, the binding one first; a name with -PLUS for that one alone.
    private int PlaceOf(SaslMechanism mechanism)
    {
        for (int i = 0; i < Allow.Length; i++)
        {
            if (mechanism.Name.Equals(Allow[i], StringComparison.OrdinalIgnoreCase)
                || mechanism.BaseName.Equals(Allow[i], StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }
        return -1;
    }
}
