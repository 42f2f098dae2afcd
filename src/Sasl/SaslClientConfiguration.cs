namespace Sasl;

/// <summary>What a configuration file says to clients.</summary>
public static class SaslClientConfiguration
{
    /// <summary>Limits a client to the mechanisms of <c>client_mech_list</c>, in that order, and lets NTLM answer as <c>ntlm_v2</c> says. Without
    /// these keys nothing changes.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="SaslConfigurationException">A word of the list cannot be a mechanism's name, or <c>ntlm_v2</c> is neither yes nor no; the message
    /// lists those that can.</exception>
    public static SaslClientOptions Configure(this SaslClientOptions options, SaslConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        var allowed = MechanismChoice.ReadList(configuration, MechanismChoice.ClientList, options.Mechanisms, static _ => { });
        var mechanisms = MechanismChoice.AdaptClient(options.Mechanisms, configuration);
        SaslClientOptions adapted = mechanisms == options.Mechanisms ? options : options with { Mechanisms = mechanisms };
        return allowed.IsEmpty ? adapted : adapted with { Policy = adapted.Policy with { Allow = allowed } };
    }
}
