namespace Sasl.Saslauthd;

/// <summary>The file that <c>saslauthd -O</c> names for <c>ldap</c>, <c>kerberos5</c> and <c>httpform</c>: <c>saslauthd.conf</c>.</summary>
public static class SaslauthdConfiguration
{
    /// <summary>The file that is read when <c>-O</c> names none.</summary>
    public const string DefaultPath = "/etc/saslauthd.conf";

    private const string InstancePrefix = "krb5_";
    private const string InstanceSuffix = "_instance";

    /// <summary>Reads the file that a checker was given, and tells the administrator what is odd about it.</summary>
    /// <param name="context">Its <see cref="SaslauthdCheckerContext.Option"/> is the path; null takes <see cref="DefaultPath"/>.</param>
    /// <exception cref="SaslConfigurationException">There is no such file, it cannot be read, or a line is not <c>key: value</c>.</exception>
    public static SaslConfiguration Load(SaslauthdCheckerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        string path = string.IsNullOrEmpty(context.Option) ? DefaultPath : context.Option;
        SaslConfiguration configuration = SaslConfiguration.Load(path, SaslConfigurationSyntax.Saslauthd);
        foreach (SaslConfigurationWarning warning in Check(configuration))
            context.Warn(warning.ToString());
        WarnIfEverybodyReads(configuration, path, context.Warn);
        return configuration;
    }

    /// <summary>Warns of keys that no checker reads, naming the one that may be meant, of repeated keys and of values that read otherwise than they look.</summary>
    /// <param name="configuration">What the file says.</param>
    public static IReadOnlyList<SaslConfigurationWarning> Check(SaslConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        // Of krb5_SERVICE_instance there are as many as there are services.
        IEnumerable<SaslConfigurationKey> instances = configuration.Entries
            .Where(static entry => IsInstance(entry.Key))
            .Select(static entry => SaslauthdKeys.KerberosInstance(entry.Key));
        return configuration.Check([.. SaslauthdKeys.All, .. instances]);
    }

    private static void WarnIfEverybodyReads(SaslConfiguration configuration, string path, Action<string> warn)
    {
        if (OperatingSystem.IsWindows() || !File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
            return;
        foreach (SaslConfigurationKey key in SaslauthdKeys.All.Where(key => key.IsSecret && configuration[key.Name] is not null))
            warn(configuration.Warning(key.Name, $"everybody on this machine can read this password; set the file's mode to 0600 ({SaslFileAccess.Describe(path)})").ToString());
    }

    private static bool IsInstance(string key) =>
        key.Length > InstancePrefix.Length + InstanceSuffix.Length
        && key.StartsWith(InstancePrefix, StringComparison.Ordinal)
        && key.EndsWith(InstanceSuffix, StringComparison.Ordinal)
        && SaslauthdKeys.Find(key) is null;
}
