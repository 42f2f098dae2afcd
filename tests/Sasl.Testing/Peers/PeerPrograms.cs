namespace Sasl.Testing.Peers;

/// <summary>Knows where the programs of the real peers are, and which package to install for one that is not there.</summary>
public static class PeerPrograms
{
    private static readonly string[] ExtraDirectories =
    [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
        "/usr/lib/postfix/sbin", "/usr/libexec/postfix", "/usr/lib/dovecot", "/usr/libexec/dovecot",
    ];

    private static readonly string[] CyrusPlugins = ["/usr/lib/*/sasl2/libscram.so", "/usr/lib/sasl2/libscram.so", "/usr/lib64/sasl2/libscram.so"];

    private static readonly string[] CyrusOtp = ["/usr/lib/*/sasl2/libotp.so", "/usr/lib/sasl2/libotp.so", "/usr/lib64/sasl2/libotp.so"];

    private static readonly PeerProgram[] Known =
    [
        new("swaks", "swaks libnet-ssleay-perl libauthen-sasl-perl libdigest-hmac-perl")
        {
            Companions =
            [
                ["/usr/lib/*/perl5/*/Net/SSLeay.pm", "/usr/lib64/perl5/vendor_perl/Net/SSLeay.pm"],
                ["/usr/share/perl5/Authen/SASL.pm", "/usr/share/perl5/vendor_perl/Authen/SASL.pm"],
                ["/usr/share/perl5/Digest/HMAC_MD5.pm", "/usr/share/perl5/vendor_perl/Digest/HMAC_MD5.pm"],
            ],
        },
        new("curl", "curl"),
        new("msmtp", "msmtp"),
        new("python3", "python3"),
        new("gsasl", "gsasl"),
        new("sasl-sample-server", "sasl2-bin libsasl2-modules libsasl2-modules-otp") { Companions = [CyrusPlugins, CyrusOtp] },
        new("sasl-sample-client", "sasl2-bin libsasl2-modules") { Companions = [CyrusPlugins] },
        new("saslpasswd2", "sasl2-bin"),
        new("sasldblistusers2", "sasl2-bin"),
        new("saslpluginviewer", "sasl2-bin libsasl2-modules") { Companions = [CyrusPlugins] },
        new("saslauthd", "sasl2-bin libnss-wrapper libpam-wrapper")
        {
            Companions =
            [
                ["/usr/lib/*/libnss_wrapper.so", "/usr/lib64/libnss_wrapper.so", "/usr/lib/libnss_wrapper.so"],
                ["/usr/lib/*/pam_wrapper/pam_matrix.so", "/usr/lib64/pam_wrapper/pam_matrix.so", "/usr/lib/pam_wrapper/pam_matrix.so"],
            ],
        },
        new("testsaslauthd", "sasl2-bin"),
        new("authdaemond", "courier-authdaemon libnss-wrapper libpam-wrapper")
        {
            Companions =
            [
                ["/usr/lib/courier/courier-authlib/authdaemond"],
                ["/usr/lib/*/libnss_wrapper.so", "/usr/lib64/libnss_wrapper.so", "/usr/lib/libnss_wrapper.so"],
                ["/usr/lib/*/pam_wrapper/pam_matrix.so", "/usr/lib64/pam_wrapper/pam_matrix.so", "/usr/lib/pam_wrapper/pam_matrix.so"],
            ],
            NeedsRoot = true,
        },
        new("db_dump", "db-util"),
        new("db_load", "db-util"),
        new("db_upgrade", "db-util"),
        new("db_verify", "db-util"),
        new("gdbmtool", "gdbmtool python3-gdbm")
        {
            Companions = [["/usr/lib/python3*/lib-dynload/_gdbm*.so", "/usr/lib64/python3*/lib-dynload/_gdbm*.so"]],
        },
        new("gdbm_dump", "gdbmtool"),
        new("gdbm_load", "gdbmtool"),
        new("mdb_dump", "lmdb-utils"),
        new("mdb_load", "lmdb-utils"),
        new("mdb_stat", "lmdb-utils"),
        new("postfix", "postfix sasl2-bin libsasl2-modules") { Companions = [CyrusPlugins], NeedsRoot = true },
        new("postmap", "postfix"),
        new("dovecot", "dovecot-core dovecot-submissiond")
        {
            Companions = [["/usr/lib/dovecot/submission-login", "/usr/libexec/dovecot/submission-login"]],
            NeedsRoot = true,
        },
        new("imap-login", "dovecot-imapd") { NeedsRoot = true },
        new("doveadm", "dovecot-core"),
        new("slapd", "slapd ldap-utils"),
        new("ldapwhoami", "ldap-utils"),
        new("postgres", "postgresql-15"),
        new("psql", "postgresql-client-15"),
        new("openssl", "openssl"),
        new("krb5kdc", "krb5-kdc"),
        new("kdb5_util", "krb5-kdc"),
        new("kadmin.local", "krb5-admin-server"),
        new("kinit", "krb5-user libgssapi-krb5-2 libsasl2-modules-gssapi-mit")
        {
            Companions =
            [
                ["/usr/lib/*/libgssapi_krb5.so.2", "/usr/lib64/libgssapi_krb5.so.2", "/usr/lib/libgssapi_krb5.so.2"],
                ["/usr/lib/*/sasl2/libgssapiv2.so", "/usr/lib64/sasl2/libgssapiv2.so", "/usr/lib/sasl2/libgssapiv2.so"],
            ],
        },
        new("java", "openjdk-17-jdk-headless"),
        new("javac", "openjdk-17-jdk-headless"),
        new("klist", "krb5-user"),
        new("kvno", "krb5-user"),
        new("strace", "strace"),
        new("setsid", "util-linux"),
        new("unshare", "util-linux") { NeedsRoot = true },
        new("pamtester", "pamtester libpam-pwdfile libpam-modules libpam-wrapper")
        {
            Companions =
            [
                ["/usr/lib/*/security/pam_pwdfile.so", "/usr/lib64/security/pam_pwdfile.so"],
                ["/usr/lib/*/security/pam_debug.so", "/usr/lib64/security/pam_debug.so"],
                ["/usr/lib/*/pam_wrapper/pam_chatty.so", "/usr/lib64/pam_wrapper/pam_chatty.so"],
            ],
        },
        new("script", "bsdutils"),
        new("setpriv", "util-linux"),
        new("unshare", "util-linux"),
        new("stdbuf", "coreutils"),
    ];

    /// <summary>Whether a missing peer is a failure rather than a skipped test: the environment says CI=true.</summary>
    public static bool MissingIsFailure { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The full path of a program on PATH or in the usual folders of daemons, or null.</summary>
    public static string? Find(string program)
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> postgres = Expand("/usr/lib/postgresql/*/bin").OrderByDescending(static folder => folder, StringComparer.Ordinal);
        return path.Concat(ExtraDirectories).Concat(postgres)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>One line for everything of these programs that this machine lacks, or null when all can be started.</summary>
    public static string? WhatIsMissing(params IReadOnlyList<string> programs)
    {
        string[] lacks = [.. programs.Select(Describe).Select(Lack).OfType<string>()];
        return lacks.Length == 0 ? null : string.Join("; ", lacks);
    }

    /// <summary>Throws <see cref="MissingPeerException"/> unless every one of these programs can be started.</summary>
    public static void Require(params IReadOnlyList<string> programs)
    {
        if (WhatIsMissing(programs) is string missing)
        {
            throw new MissingPeerException(missing);
        }
    }

    /// <summary>The full path of a program; throws <see cref="MissingPeerException"/> when it is not there.</summary>
    public static string Locate(string program)
    {
        Require(program);
        return Find(program)!;
    }

    /// <summary>The full path of the first file that one of these patterns names.</summary>
    internal static string LocateFile(params ReadOnlySpan<string> patterns)
    {
        foreach (string pattern in patterns)
        {
            if (Expand(pattern).FirstOrDefault() is string found)
            {
                return found;
            }
        }

        throw new MissingPeerException($"there is no {patterns[0]}");
    }

    /// <summary>The reason to skip a test that needs these programs, or null when it must run: all are there, or a missing one is a failure.</summary>
    internal static string? SkipReason(IReadOnlyList<string> programs, bool missingIsFailure) =>
        missingIsFailure ? null : WhatIsMissing(programs);

    /// <summary>What to say when this program cannot be started here, or null when it can.</summary>
    internal static string? Lack(PeerProgram program)
    {
        if (Find(program.Name) is null || !program.Companions.All(patterns => patterns.Any(pattern => Expand(pattern).Any())))
        {
            return $"{program.Name} is not installed: apt-get install {program.Packages}";
        }

        return program.NeedsRoot && !Environment.IsPrivilegedProcess ? $"{program.Name} can only be started by root" : null;
    }

    private static PeerProgram Describe(string name) =>
        Known.FirstOrDefault(known => known.Name == name)
        ?? throw new ArgumentException($"No package is known for the program {name}; add it to PeerPrograms.");

    private static IEnumerable<string> Expand(string pattern)
    {
        IEnumerable<string> found = ["/"];
        foreach (string segment in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = segment.Contains('*', StringComparison.Ordinal)
                ? found.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, segment))
                : found.Select(folder => Path.Combine(folder, segment));
        }

        return found.Where(Path.Exists);
    }
}
