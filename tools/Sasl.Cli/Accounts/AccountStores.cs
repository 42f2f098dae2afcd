using Sasl.Mechanisms;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Opens the accounts that <c>sasl passwd</c> changes and <c>sasl users</c> lists.</summary>
internal static class AccountStores
{
    /// <summary>The application whose configuration is read unless another is named; saslpasswd2's.</summary>
    public const string DefaultApplication = "saslpasswd";

    // Cyrus SASL's tools call themselves this.
    private const string Service = "sasldb";
    private const string SasldbName = "sasldb";

    /// <summary>Reads <c>&lt;application&gt;.conf</c> and opens what it names.</summary>
    /// <param name="console">Where warnings go.</param>
    /// <param name="application">The application.</param>
    /// <param name="file">A sasldb file to use instead of the configured one; null uses that.</param>
    /// <exception cref="SaslConfigurationException">The configuration cannot work.</exception>
    /// <exception cref="ArgumentException">The application's name cannot be a file's.</exception>
    public static SaslServerSetup Open(CliConsole console, string application, string? file)
    {
        // Whatever the channel and its policy: this program talks to no client.
        var builder = new SaslServerBuilder { Policy = new SaslPolicy(), Finder = console.Finder };
        if (file is not null)
        {
            builder.Stores[SasldbName] = context => new SasldbStore(new SasldbOptions
            {
                Path = file.Length > 0 ? file : throw new SaslConfigurationException("the name of the sasldb file is empty"),
                DefaultRealm = context.ServerName,
                Warning = message => console.Error.WriteLine($"warning: {message}"),
            });
        }
        return builder.Build(Service, application);
    }
}
