namespace Sasl;

/// <summary>What a back end may know while it is made: the configuration, and for whom.</summary>
public sealed class SaslBackendContext
{
    private readonly Action<SaslConfigurationWarning> _remark;

    internal SaslBackendContext(SaslConfiguration configuration, Action<SaslConfigurationWarning> remark, Action<string> warn)
    {
        Configuration = configuration;
        _remark = remark;
        Warn = warn;
    }

    /// <summary>The options. <see cref="SaslConfiguration.Error"/> makes the exception for one that cannot be used.</summary>
    public SaslConfiguration Configuration { get; }

    /// <summary>The service's registered name, such as <c>smtp</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The server's fully qualified host name, in lower case.</summary>
    public required string ServerName { get; init; }

    /// <summary>The realm appended to names without one; empty appends none.</summary>
    public required string Realm { get; init; }

    /// <summary>Where slow checks run.</summary>
    public required SaslWorkQueue Work { get; init; }

    /// <summary>The forms in which stores may hold a password.</summary>
    public required IReadOnlyList<PasswordForm> PasswordForms { get; init; }

    /// <summary>Takes a sentence for the administrator while the server runs, at any time, on any thread; it goes to the log. Never pass it a secret.</summary>
    public Action<string> Warn { get; }

    /// <summary>Warns of an option while the back end is made; the warning stands in <see cref="SaslExplanation.Warnings"/> with file and line.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">What is odd, as a clause; never contains a secret.</param>
    public void Remark(string key, string message) => _remark(Configuration.Warning(key, message));
}
