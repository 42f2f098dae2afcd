using System.Collections.Immutable;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl;

/// <summary>Which Kerberos mechanisms a server has. The GSS library is loaded only where one of them is named or a keytab is set.</summary>
internal sealed class KerberosChoice(SaslServerBuilder builder, SaslConfiguration configuration, string service, Action<string> warn)
{
    private const string KeytabKey = "keytab";

    private readonly Lazy<ImmutableArray<SaslMechanism>> _made = new(
        () => KerberosMechanisms.ForServer(service, builder.ServerName.ToLowerInvariant(), Read(builder.Kerberos, configuration, warn)));

    /// <summary>The builder's mechanisms and, unless the application has a list of its own, Kerberos's where they are wanted.</summary>
    public ImmutableArray<SaslMechanism> Mechanisms() => builder.HasOwnMechanisms || !AreWanted()
        ? [.. builder.Mechanisms.Select(Adapt)]
        : SaslCatalogue.Merge(builder.Mechanisms, _made.Value);

    private bool AreWanted()
    {
        IEnumerable<string> named = configuration.Words(MechanismChoice.ServerList);
        if (!named.Any())
            named = builder.Policy.Allow;
        return named.Any()
            ? named.Any(static name => KerberosMechanisms.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            : (configuration[KeytabKey] ?? builder.Kerberos.Keytab) is not null;
    }

    // Those that the application made with options of its own stay as they are.
    private SaslMechanism Adapt(SaslMechanism mechanism) =>
        KerberosMechanisms.Names.Contains(mechanism.Name) && KerberosMechanisms.Standard.Any(other => ReferenceEquals(other, mechanism))
            ? _made.Value.First(other => other.Name == mechanism.Name)
            : mechanism;

    private static KerberosOptions Read(KerberosOptions options, SaslConfiguration configuration, Action<string> warn) => options with
    {
        Keytab = configuration[KeytabKey] ?? options.Keytab,
        ServicePrincipal = configuration["service_principal"] ?? options.ServicePrincipal,
        AdCompat = configuration.Flag("ad_compat", otherwise: options.AdCompat),
        CcacheStore = configuration["ccache_store"] ?? options.CcacheStore,
        Warn = ReferenceEquals(options.Warn, KerberosOptions.Default.Warn) ? warn : options.Warn,
    };
}
