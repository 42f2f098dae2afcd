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
    /// <param name="format">The form of a file that is made, instead of the configured one; null uses that.</param>
    /// <exception cref="SaslConfigurationException">The configuration cannot work.</exception>
    /// <exception cref="ArgumentException">The application's name cannot be a file's.</exception>
    public static SaslServerSetup Open(CliConsole console, string application, string? file, SasldbFormat? format = null)
    {
        // Whatever the channel and its policy: this program talks to no client.
        var builder = new SaslServerBuilder { Policy = new SaslPolicy(), Finder = console.Finder };
        if (file is not null || format is not null)
        {
            builder.Stores[SasldbName] = context =>
            {
                SasldbOptions configured = SasldbConfiguration.Read(context);
                return new SasldbStore(configured with
                {
                    Path = file ?? configured.Path,
                    CreateFormat = format ?? configured.CreateFormat,
                    Warning = message => console.Error.WriteLine($"warning: {message}"),
                });
            };
        }
        if (file?.Length == 0)
            throw new SaslConfigurationException("the name of the sasldb file is empty");
        return builder.Build(Service, application);
    }

    /// <summary>The sasldb among the stores.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static SasldbStore Sasldb(SaslServerSetup setup) =>
        setup.Stores.Select(static link => link.Store).OfType<SasldbStore>().FirstOrDefault()
        ?? throw new IOException("no sasldb is configured (auxprop_plugin); name one with -f");
}
