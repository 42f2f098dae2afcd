namespace Sasl.Saslauthd;

/// <summary>Reads the <c>krb5_…</c> keys of <c>saslauthd.conf</c>.</summary>
internal static class KerberosKeys
{
    private const string Prefix = "krb5_";
    private const string Suffix = "_instance";
    private const string ConvertInstance = "krb5_conv_krb4_instance";

    /// <summary>The options that a checker of the daemon has. As in the original, the default file need not be there.</summary>
    /// <param name="context">What the daemon was told.</param>
    /// <exception cref="SaslConfigurationException">The file that was named is not there, or one of its lines means nothing.</exception>
    public static KerberosOptions Read(SaslauthdCheckerContext context)
    {
        bool isDefaultMissing = string.IsNullOrEmpty(context.Option) && !File.Exists(SaslauthdConfiguration.DefaultPath);
        SaslConfiguration configuration = isDefaultMissing ? SaslConfiguration.Empty : SaslauthdConfiguration.Load(context);
        return Read(configuration) with { Warn = context.Warn };
    }

    /// <summary>The options that a file has.</summary>
    /// <exception cref="SaslConfigurationException">A value means nothing.</exception>
    public static KerberosOptions Read(SaslConfiguration configuration)
    {
        var otherwise = new KerberosOptions();
        return otherwise with
        {
            Keytab = configuration["krb5_keytab"],
            VerifyPrincipal = configuration["krb5_verify_principal"] ?? otherwise.VerifyPrincipal,
            ServerName = configuration["krb5_servername"],
            ConvertInstance = configuration.Flag(ConvertInstance),
            UppercaseRealm = configuration.Flag("krb5_uppercase_realm"),
            Realms = configuration.Words("krb5_realms"),
            Instances = otherwise.Instances.AddRange(configuration.Entries.Where(IsInstance).DistinctBy(ServiceOf)
                .Select(static entry => KeyValuePair.Create(ServiceOf(entry), entry.Value))),
        };
    }

    private static bool IsInstance(SaslConfigurationEntry entry) =>
        entry.Key.Length > Prefix.Length + Suffix.Length && !entry.Key.Equals(ConvertInstance, StringComparison.OrdinalIgnoreCase)
        && entry.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && entry.Key.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    private static string ServiceOf(SaslConfigurationEntry entry) => entry.Key[Prefix.Length..^Suffix.Length].ToLowerInvariant();
}
