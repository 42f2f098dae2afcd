using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Sets one connection's options in libldap; the numbers are those of its ldap.h.</summary>
internal sealed unsafe class LdapSettings(LdapLibrary library, nint connection)
{
    private const int Dereference = 0x02;
    private const int Referrals = 0x08;
    private const int Restart = 0x09;
    private const int Version = 0x11;
    private const int TimeForAnswer = 0x5002;
    private const int TimeForConnection = 0x5005;
    private const int CaFile = 0x6002;
    private const int CaDirectory = 0x6003;
    private const int CertificateFile = 0x6004;
    private const int KeyFile = 0x6005;
    private const int RequireCertificate = 0x6006;
    private const int Ciphers = 0x6008;
    private const int NewContext = 0x600f;
    private const int SaslSecurityProperties = 0x6106;

    private const int Never = 0;
    private const int Demand = 2;

    /// <summary>Sets what the options say.</summary>
    /// <exception cref="LdapFault">The library knows an option or its value not.</exception>
    public void Apply(LdapOptions options, TimeSpan time)
    {
        Set("ldap_version", Version, options.Version);
        Set("ldap_deref", Dereference, (int)options.Dereference);
        Set("ldap_referrals", Referrals, options.Referrals);
        Set("ldap_restart", Restart, options.Restart);
        Set(TimeForConnection, time);
        Set(TimeForAnswer, time);
        Set("ldap_sasl_secprops", SaslSecurityProperties, options.SaslSecurityProperties);
        if (!options.StartTls && !options.Servers.Any(static server => server.StartsWith("ldaps:", StringComparison.OrdinalIgnoreCase)))
            return;
        Set("ldap_tls_check_peer", RequireCertificate, options.CheckPeer ? Demand : Never);
        Set("ldap_tls_cacert_file", CaFile, options.CaFile);
        Set("ldap_tls_cacert_dir", CaDirectory, options.CaDirectory);
        Set("ldap_tls_cert", CertificateFile, options.CertificateFile);
        Set("ldap_tls_key", KeyFile, options.KeyFile);
        Set("ldap_tls_ciphers", Ciphers, options.Ciphers);
        // What comes before has an effect on TLS contexts made after it.
        Set("the certificates and keys of ldap_tls_…", NewContext, 0);
    }

    private void Set(string key, int option, int value) => Expect(key, library.SetOption(connection, option, &value));

    // LDAP_OPT_ON is any address, LDAP_OPT_OFF is none.
    private void Set(string key, int option, bool value) => Expect(key, library.SetOption(connection, option, value ? (void*)1 : null));

    private void Set(int option, TimeSpan value)
    {
        LdapTime time = LdapTime.From(value);
        Expect("ldap_timeout", library.SetOption(connection, option, &time));
    }

    private void Set(string key, int option, string? value)
    {
        if (value is null)
            return;
        fixed (byte* text = (byte[])[.. Encoding.UTF8.GetBytes(value), 0])
            Expect(key, library.SetOption(connection, option, text));
    }

    private static void Expect(string key, int code)
    {
        if (code != LdapCode.Success)
            throw new LdapFault(key, code, "the LDAP library does not accept it");
    }
}
