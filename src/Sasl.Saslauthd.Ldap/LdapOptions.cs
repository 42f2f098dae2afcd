using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>Which directory <c>ldap</c> asks, and how: the keys of <c>saslauthd.conf</c> that begin with <c>ldap_</c>.</summary>
/// <remarks>In the templates <c>%u</c> is the user, <c>%U</c> and <c>%d</c> the parts before and behind its last at sign, <c>%1</c> to <c>%9</c> the
/// labels of <c>%d</c> from the right, <c>%s</c> the service, <c>%r</c> the realm, <c>%R</c> the realm behind an at sign, <c>%D</c> the user's DN
/// where it is known, and <c>%%</c> a percent sign. What is filled in is escaped (RFC 4514, RFC 4515).</remarks>
public sealed record LdapOptions
{
    /// <summary>The servers, asked in order until one answers: <c>ldap</c>, <c>ldaps</c> and <c>ldapi</c> addresses.</summary>
    public ImmutableArray<string> Servers { get; init; } = ["ldap://localhost/"];

    /// <summary>Whom searches are made as; empty is nobody.</summary>
    public string BindDn { get; init; } = "";

    /// <summary>The password of <see cref="BindDn"/>, or of <see cref="SaslId"/>.</summary>
    public SaslSecret? BindPassword { get; init; }

    /// <summary>The protocol's version.</summary>
    public int Version { get; init; } = 3;

    /// <summary>Where the search begins: a template.</summary>
    public string SearchBase { get; init; } = "";

    /// <summary>What finds the user: a template. With <see cref="LdapAuthMethod.FastBind"/> it is the DN to bind as.</summary>
    public string Filter { get; init; } = "(uid=%u)";

    /// <summary>The attribute that <see cref="LdapAuthMethod.Custom"/> compares.</summary>
    public string PasswordAttribute { get; init; } = "userPassword";

    /// <summary>The group that the user has to be in: a template; null asks for none.</summary>
    public string? GroupDn { get; init; }

    /// <summary>The group's attribute that names members by their DN.</summary>
    public string GroupAttribute { get; init; } = "uniqueMember";

    /// <summary>What finds a group of the user's: a template; null asks for none.</summary>
    public string? GroupFilter { get; init; }

    /// <summary>Where the search for groups begins: a template; null takes <see cref="SearchBase"/>.</summary>
    public string? GroupSearchBase { get; init; }

    /// <summary>How far the search for groups goes.</summary>
    public LdapScope GroupScope { get; init; } = LdapScope.Subtree;

    /// <summary>How membership is found.</summary>
    public LdapGroupMatch GroupMatch { get; init; } = LdapGroupMatch.Attribute;

    /// <summary>The realm of users who have none.</summary>
    public string DefaultRealm { get; init; } = "";

    /// <summary>How a password is checked.</summary>
    public LdapAuthMethod Method { get; init; } = LdapAuthMethod.Bind;

    /// <summary>How long a connection, and each answer, may take. A login may take four times as long in all.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many entries a search may find; 0 is no limit. More than one is no answer, whatever the limit.</summary>
    public int SizeLimit { get; init; } = 1;

    /// <summary>How long the server may search, in seconds; 0 is no limit.</summary>
    public int TimeLimit { get; init; } = 5;

    /// <summary>When aliases are followed.</summary>
    public LdapDereference Dereference { get; init; } = LdapDereference.Never;

    /// <summary>Whether the library follows referrals; it does so as nobody.</summary>
    public bool Referrals { get; init; }

    /// <summary>Whether the library goes on waiting after a signal.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>How far the search goes.</summary>
    public LdapScope Scope { get; init; } = LdapScope.Subtree;

    /// <summary>Whether binds are SASL binds: searches as <see cref="SaslId"/>, and <see cref="LdapAuthMethod.FastBind"/> as the user.</summary>
    public bool UseSasl { get; init; }

    /// <summary>The name that searches log in with by SASL.</summary>
    public string SaslId { get; init; } = "";

    /// <summary>The name that searches act as by SASL.</summary>
    public string SaslAuthorizationId { get; init; } = "";

    /// <summary>The realm of SASL binds.</summary>
    public string SaslRealm { get; init; } = "";

    /// <summary>The mechanism of SASL binds; null leaves the choice to the library.</summary>
    public string? SaslMechanism { get; init; }

    /// <summary>The security properties of SASL binds, in the library's words.</summary>
    public string? SaslSecurityProperties { get; init; }

    /// <summary>Whether TLS begins on the plain port.</summary>
    public bool StartTls { get; init; }

    /// <summary>Whether the server's certificate is checked.</summary>
    public bool CheckPeer { get; init; } = true;

    /// <summary>A PEM file of certificate authorities.</summary>
    public string? CaFile { get; init; }

    /// <summary>A folder of certificate authorities.</summary>
    public string? CaDirectory { get; init; }

    /// <summary>The ciphers, in the words of the library's TLS.</summary>
    public string? Ciphers { get; init; }

    /// <summary>A PEM file of our certificate.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file of its key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How many connections there are at once. Further logins wait for one.</summary>
    public int MaxConnections { get; init; } = 32;
}
