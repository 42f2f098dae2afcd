namespace Sasl.Saslauthd;

/// <summary>The SASL mechanisms in which a bind proves the password that was given, and nothing else.</summary>
/// <remarks>EXTERNAL and GSSAPI succeed with what the daemon itself is or has: a bind with them says nothing about the user.</remarks>
internal static class LdapPasswordMechanisms
{
    private static readonly string[] s_names = ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"];

    /// <summary>What is accepted, for the administrator.</summary>
    public const string Accepted = "PLAIN, LOGIN, CRAM-MD5, DIGEST-MD5 and SCRAM-*";

    /// <summary>Whether every mechanism of a list proves the password. Without a list libldap takes whatever the server offers.</summary>
    public static bool Covers(string? mechanisms) =>
        mechanisms?.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names && Array.TrueForAll(names, IsOne);

    private static bool IsOne(string name) =>
        s_names.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("SCRAM-", StringComparison.OrdinalIgnoreCase);
}
