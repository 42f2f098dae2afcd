using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>One check of a password, with a context, a host key and a principal of its own. For one thread.</summary>
internal sealed unsafe class KerberosRequest : IDisposable
{
    /// <summary>What Cyrus's saslauthd replies when the KDC gives no ticket.</summary>
    public const string NoTicket = "krb5_get_init_creds_password failed";

    /// <summary>What Cyrus's saslauthd replies when the KDC is not proved to be the right one.</summary>
    public const string NoProof = "krb5_verify_init_creds failed";

    // The one service that gives a ticket for an expired password; every KDC of MIT and Heimdal has it.
    private const string PasswordChange = "kadmin/changepw";

    private readonly KerberosContext _context;
    private readonly KerberosKeytab? _keytab;
    private readonly KerberosPrincipal? _host;
    private readonly ImmutableArray<string> _realms;

    /// <summary>Reads krb5.conf and finds the host's key.</summary>
    /// <exception cref="KerberosException">It cannot.</exception>
    public KerberosRequest(KerberosOptions options)
    {
        _realms = options.Realms;
        _context = KerberosContext.Create(options.ConfigurationFile);
        try
        {
            _keytab = KerberosKeytab.Open(_context, options.Keytab);
            _host = KerberosPrincipal.OfService(_context, options.VerifyPrincipal, options.ServerName);
            _keytab.RequireKey(_context, _host);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Asks the KDC.</summary>
    /// <param name="name">The principal's name.</param>
    /// <param name="password">The password.</param>
    /// <returns>What was found, with the reply of Cyrus's saslauthd and the library's words.</returns>
    /// <exception cref="KerberosException">No ticket can be asked for.</exception>
    public (PasswordOutcome Outcome, string Reply, string? Why) Check(string name, ReadOnlySpan<byte> password)
    {
        using KerberosPrincipal? client = KerberosPrincipal.Parse(_context, name);
        if (client is null)
            return (PasswordOutcome.UnknownUser, "saslauthd principal name error", "no principal can have this name");

        if (!IsAskedRealm(client.Realm))
            return (PasswordOutcome.UnknownUser, "saslauthd principal name error", "the realm is neither the default realm nor one of krb5_realms");
        using ErasedMemory phrase = ErasedMemory.OfText(password);
        using KerberosTicketOptions options = KerberosTicketOptions.Create(_context);
        using KerberosCredentials credentials = KerberosCredentials.Create(_context);
        int code = GetTicket(credentials, client, phrase, service: null, options);
        if (KerberosFailure.IsExpiredPassword(code))
            return CheckExpired(client, phrase, options, _context.Describe(code));
        if (code != 0)
            return (KerberosFailure.Judge(code), NoTicket, _context.Describe(code));

        code = Prove(credentials);
        return code == 0 ? (PasswordOutcome.Match, "", null) : (PasswordOutcome.Unavailable, NoProof, _context.Describe(code));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host?.Dispose();
        _keytab?.Dispose();
        _context.Dispose();
    }

    // A name without a realm gets the default one.
    private bool IsAskedRealm(string realm)
    {
        using KerberosPrincipal? anybody = KerberosPrincipal.Parse(_context, "nobody");
        return realm == anybody?.Realm || _realms.Contains(realm, StringComparer.Ordinal);
    }

    // "Expired" is for whoever knows the password, and the KDC has not looked at it yet.
    private (PasswordOutcome Outcome, string Reply, string? Why) CheckExpired(
        KerberosPrincipal client, ErasedMemory phrase, KerberosTicketOptions options, string why)
    {
        using KerberosCredentials credentials = KerberosCredentials.Create(_context);
        int code = GetTicket(credentials, client, phrase, PasswordChange, options);
        return code == 0
            ? (PasswordOutcome.Expired, NoTicket, why)
            : (PasswordOutcome.Mismatch, NoTicket, $"{why}; {_context.Describe(code)}");
    }

    private int GetTicket(
        KerberosCredentials credentials, KerberosPrincipal client, ErasedMemory phrase, string? service, KerberosTicketOptions options) =>
        KerberosLibrary.GetTicket(_context, credentials.Pointer, client, phrase.Pointer, 0, 0, 0, service, options);

    private int Prove(KerberosCredentials credentials)
    {
        KerberosLibrary.InitializeProof(out KerberosProofOptions proof);
        KerberosLibrary.RequireProof(ref proof, 1);
        return KerberosLibrary.Prove(_context, credentials.Pointer, _host!, _keytab!, 0, ref proof);
    }
}
