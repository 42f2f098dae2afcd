namespace Sasl;

/// <summary>Who is asking: passed to back ends that keep rules per service (PAM, saslauthd, GSSAPI).</summary>
/// <param name="Service">The service's registered GSSAPI name: <c>smtp</c>, <c>imap</c>; not the application name.</param>
/// <param name="ServerName">The server's fully qualified host name, in lower case.</param>
/// <param name="Realm">The realm appended to bare names; empty appends none.</param>
/// <param name="Channel">The connection.</param>
public sealed record SaslServiceInfo(string Service, string ServerName, string Realm, SaslChannel Channel);
