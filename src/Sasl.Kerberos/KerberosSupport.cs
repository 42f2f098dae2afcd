namespace Sasl.Kerberos;

/// <summary>Whether Kerberos can be used here, and if not, why.</summary>
/// <param name="Problem">What is in the way; <see cref="KerberosProblem.None"/> when nothing is.</param>
/// <param name="Explanation">The same as a sentence without a full stop, perhaps with the library's own words. For the administrator of this machine.</param>
public sealed record KerberosSupport(KerberosProblem Problem, string Explanation)
{
    internal static KerberosSupport Available { get; } = new(KerberosProblem.None, KerberosVerdict.Explain(KerberosProblem.None));

    /// <summary>Whether it can be used.</summary>
    public bool IsAvailable => Problem is KerberosProblem.None;

    /// <summary>Looks whether a client has tickets, without asking a KDC unless a client keytab is configured. Does not throw.</summary>
    /// <param name="options">Where the tickets are; null for the defaults.</param>
    public static KerberosSupport OfClient(KerberosOptions? options = null) => KerberosBackend.Current.ProbeClient(options ?? KerberosOptions.Default);

    /// <summary>Looks whether a server has the keys of a service, without asking a KDC. Does not throw.</summary>
    /// <param name="service">The service's registered name: <c>imap</c>.</param>
    /// <param name="serverName">The server's host name, as clients dial it.</param>
    /// <param name="options">Where the keys are; null for the defaults.</param>
    public static KerberosSupport OfServer(string service, string serverName, KerberosOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        return KerberosBackend.Current.ProbeServer(new KerberosRequest(options ?? KerberosOptions.Default, service, serverName, Negotiates: false));
    }

    internal static KerberosSupport Of(GssException refusal, GssUsage usage)
    {
        KerberosProblem problem = KerberosVerdict.JudgeFailure(refusal.Status, usage);
        string explanation = KerberosVerdict.Explain(problem);
        return new(problem, refusal.Words.Length == 0 ? explanation : $"{explanation}: {refusal.Words}");
    }
}
