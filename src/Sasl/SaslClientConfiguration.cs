namespace Sasl;

/// <summary>What a configuration file says to clients.</summary>
public static class SaslClientConfiguration
{
    /// <summary>Limits a client to the mechanisms of <c>client_mech_list</c>, in that order. Without that key nothing changes.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="SaslConfigurationException">A word of the list cannot be a mechanism's name; the message lists those that can.</exception>
    public static SaslClientOptions Configure(this SaslClientOptions options, SaslConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        var allowed = MechanismChoice.ReadList(configuration, MechanismChoice.ClientList, options.Mechanisms, static _ => { });
        return allowed.IsEmpty ? options : options with { Policy = options.Policy with { Allow = allowed } };
    }
}
