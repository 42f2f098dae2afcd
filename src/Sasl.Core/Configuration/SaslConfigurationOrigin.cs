namespace Sasl;

/// <summary>Who named the directories that a configuration file was looked for in.</summary>
public enum SaslConfigurationOrigin
{
    /// <summary>The application: Cyrus SASL's SASL_CB_GETCONFPATH, Postfix's <c>cyrus_sasl_config_path</c>.</summary>
    Application,

    /// <summary>The environment variable <c>SASL_CONF_PATH</c>, or <c>SASL_CONFDIR</c>.</summary>
    Environment,

    /// <summary>Nobody; they are the system's usual ones.</summary>
    System,
}
