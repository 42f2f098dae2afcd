using System.Collections.Immutable;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl;

/// <summary>Every mechanism of every package of this library.</summary>
public static class SaslCatalogue
{
    /// <summary>All of them with their default options, in Cyrus SASL's order of strength. The first use loads the GSS library.</summary>
    public static ImmutableArray<SaslMechanism> All => Everything.All;

    // Cyrus SASL has GSSAPI before SCRAM and GS2 behind it.
    internal static ImmutableArray<SaslMechanism> Merge(ImmutableArray<SaslMechanism> others, ImmutableArray<SaslMechanism> kerberos)
    {
        int scram = Enumerable.Range(0, others.Length).LastOrDefault(index => others[index].Name.StartsWith("SCRAM-", StringComparison.Ordinal), -1) + 1;
        return
        [
            .. kerberos.Where(static mechanism => mechanism.BaseName != KerberosMechanisms.Gs2Name),
            .. others[..scram],
            .. kerberos.Where(static mechanism => mechanism.BaseName == KerberosMechanisms.Gs2Name),
            .. others[scram..],
        ];
    }

    private static class Everything
    {
        public static ImmutableArray<SaslMechanism> All { get; } = Merge(SaslMechanisms.Standard, KerberosMechanisms.Standard);
    }
}
