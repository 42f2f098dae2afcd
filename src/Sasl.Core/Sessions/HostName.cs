using System.Net;
using System.Net.Sockets;

namespace Sasl;

/// <summary>Finds this host's fully qualified name as Cyrus SASL does (lib/saslutil.c, <c>get_fqhostname</c>).</summary>
internal static class HostName
{
    private static readonly Lazy<string> s_found = new(static () => Find(Dns.GetHostName(), static name => Dns.GetHostEntry(name).HostName));

    /// <summary>The name, looked for once in the life of the process.</summary>
    public static string FullyQualified => s_found.Value;

    /// <summary>A name with a dot is taken as it is; of another the canonical name, when there is one and it has a dot.</summary>
    /// <param name="own">What the system calls itself, often the first label alone.</param>
    /// <param name="canonicalize">Asks the hosts file and the DNS; may throw.</param>
    public static string Find(string own, Func<string, string> canonicalize)
    {
        if (own.Contains('.', StringComparison.Ordinal))
            return own;
        try
        {
            string canonical = canonicalize(own);
            return canonical.Contains('.', StringComparison.Ordinal) ? canonical : own;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return own;
        }
    }
}
