using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl;

/// <summary>How a server came to be what it is: files, options, back ends, and every mechanism with the rule that hides or offers it.</summary>
/// <remarks><c>sasl explain</c> prints it; a service logs it when it starts. It shows no secrets.</remarks>
public sealed class SaslExplanation
{
    internal SaslExplanation(string service, SaslConfiguration configuration)
    {
        Service = service;
        Configuration = configuration;
    }

    /// <summary>The service's registered name, such as <c>smtp</c>.</summary>
    public string Service { get; }

    /// <summary>Where the configuration file was looked for; null when the options came from code.</summary>
    public SaslConfigurationSearch? Search { get; internal init; }

    /// <summary>The options.</summary>
    public SaslConfiguration Configuration { get; }

    /// <summary>The server's host name.</summary>
    public string ServerName { get; internal init; } = "";

    /// <summary>The realm appended to names without one; empty appends none.</summary>
    public string Realm { get; internal init; } = "";

    /// <summary>Every option that somebody reads, with its value or default.</summary>
    public ImmutableArray<SaslOptionInForce> Options { get; internal init; } = [];

    /// <summary>Who says whether a password is right, in the order asked, by the names <c>pwcheck_method</c> has for them.</summary>
    public ImmutableArray<string> Verifiers { get; internal init; } = [];

    /// <summary>Who says whether an access token is valid: <c>jwt</c>, <c>introspection</c>, or the application's; null for nobody.</summary>
    public string? TokenValidator { get; internal init; }

    /// <summary>Where credentials are kept, in the order asked, by the names <c>auxprop_plugin</c> has for them.</summary>
    public ImmutableArray<string> Stores { get; internal init; } = [];

    /// <summary>Every mechanism without TLS and under TLS. Empty when the configuration is broken before that.</summary>
    public ImmutableArray<SelectionReport> Reports { get; internal init; } = [];

    /// <summary>All that works, but probably not as it was meant.</summary>
    public ImmutableArray<SaslConfigurationWarning> Warnings { get; internal init; } = [];

    /// <summary>Why no server can be built; null when one can.</summary>
    public SaslConfigurationException? Error { get; internal init; }

    /// <summary>All of it as text for people, several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Search is null ? $"Configuration: {Configuration.Source}" : Search.ToString());
        text.Append(CultureInfo.InvariantCulture, $"\nService: {Service} on {ServerName}");
        text.Append("\nRealm: ").Append(RealmText);
        if (!Options.IsEmpty)
            text.Append("\nOptions in force:");
        foreach (SaslOptionInForce option in Options)
            text.Append("\n  ").Append(option);
        if (TokenValidator is not null)
            text.Append("\nAccess tokens are checked by: ").Append(TokenValidator);
        // After an error nobody knows who would have been asked.
        if (Error is null || !Verifiers.IsEmpty)
            text.Append("\nPasswords are checked by: ").Append(Verifiers.IsEmpty ? "nobody" : string.Join(", ", Verifiers));
        if (Error is null || !Stores.IsEmpty)
            text.Append("\nCredentials are kept in: ").Append(Stores.IsEmpty ? "nothing" : string.Join(", ", Stores));
        foreach (SelectionReport report in Reports)
            text.Append('\n').Append(report);
        foreach (SaslConfigurationWarning warning in Warnings.Where(warning => Search?.Warnings.Contains(warning) is not true))
            text.Append("\nwarning: ").Append(warning);
        if (Error is not null)
            text.Append("\nerror: ").Append(Error.Message);
        return text.ToString();
    }

    /// <summary>What becomes of names without a realm.</summary>
    internal string RealmText => Realm.Length > 0
        ? $"{Realm}, appended to names without one"
        : $"none; a name without one stays so, and sasldb looks it up under {ServerName} as Cyrus SASL does";
}
