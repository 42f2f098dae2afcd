using System.Collections.Immutable;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Ldap;

/// <summary>The checker against OpenLDAP's slapd.</summary>
public sealed class LdapSlapdTests(LdapSlapdTests.Peer peer) : IClassFixture<LdapSlapdTests.Peer>, IDisposable
{
    private const int Concurrent = 50;
    private const string Odd = "(*)\\ \u00e4\u20ac";

    private readonly CheckerRun _run = new();
    private readonly SaslWorkQueue _work = new(maxRunning: 16);

    public void Dispose() => _work.Dispose();

    [PeerFact("slapd")]
    public async Task Bind_finds_the_user_and_binds_as_its_entry()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using LdapVerifier verifier = Verifier(Options(slapd));
        await ExpectUsualOutcomesAsync(verifier);
        PasswordVerdict right = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal((PasswordOutcome.Match, "ldap"), (right.Outcome, right.DecidedBy));
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "ssha", "secret"));
        Assert.Empty(_run.Warnings);
    }

    [PeerFact("slapd")]
    public async Task Custom_reads_the_password_attribute_and_compares()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using LdapVerifier verifier = Verifier(Options(slapd) with { Method = LdapAuthMethod.Custom });
        await ExpectUsualOutcomesAsync(verifier);
        foreach (string name in (string[])["ssha", "crypt"])
        {
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, name, "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, name, "Secret"));
        }
        Assert.Empty(_run.Warnings);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "strange", "secret"));
        Assert.Contains("a form that is not known here", Assert.Single(_run.Warnings), StringComparison.Ordinal);

        // Nobody may read passwords without being the proxy.
        using LdapVerifier nobody = Verifier(Options(slapd) with { Method = LdapAuthMethod.Custom, BindDn = "", BindPassword = null });
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(nobody, "alice", "secret"));
    }

    [PeerFact("slapd")]
    public async Task Fastbind_binds_as_the_DN_of_the_template()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using LdapVerifier verifier = Verifier(Options(slapd) with { Method = LdapAuthMethod.FastBind, Filter = $"uid=%u,{SlapdPeer.People}" });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, Odd, Odd));
        foreach ((string name, string password) in ((string, string)[])[("alice", "Secret"), ("nobody", "secret"), ("alice", ""), ("x,uid=alice", "secret"), ("alice\0x", "secret")])
            Assert.NotEqual(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, name, password));
        Assert.Empty(_run.Warnings);
    }

    [PeerFact("slapd")]
    public async Task Fastbind_by_SASL_takes_the_users_name_and_password()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        foreach (string mechanism in (string[])["DIGEST-MD5", "SCRAM-SHA-256", "CRAM-MD5"])
        {
            using LdapVerifier verifier = Verifier(Options(slapd) with { Method = LdapAuthMethod.FastBind, UseSasl = true, SaslMechanism = mechanism });
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "Secret"));
            Assert.NotEqual(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "nobody", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", ""));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "secret\0x"));
        }
    }

    [PeerFact("slapd")]
    public async Task Searches_may_log_in_by_SASL()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        LdapOptions options = Options(slapd) with { Method = LdapAuthMethod.Custom, UseSasl = true, BindDn = "", SaslId = "proxy", SaslMechanism = "DIGEST-MD5" };
        using LdapVerifier verifier = Verifier(options);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "Secret"));

        // As alice the proxy may read alice's password only if slapd lets alice; it does not.
        using LdapVerifier acting = Verifier(options with { BindPassword = SaslSecret.FromText("proxypw"), SaslAuthorizationId = "u:ssha" });
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(acting, "alice", "secret"));

        // EXTERNAL on the socket: root is the administrator, who may read everything.
        if (Environment.IsPrivilegedProcess)
        {
            using LdapVerifier external = Verifier(options with { Servers = [slapd.SocketAddress], SaslMechanism = "EXTERNAL", SaslId = "", BindPassword = null });
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(external, "alice", "secret"));
        }
    }

    [PeerFact("slapd")]
    public async Task Bind_that_is_refused_to_the_searcher_is_a_temporary_failure()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using LdapVerifier verifier = Verifier(Options(slapd) with { BindPassword = SaslSecret.FromText("wrong-proxy-pw") });
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Contains("ldap_bind_dn", Assert.Single(_run.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-proxy-pw", _run.Warnings.Single(), StringComparison.Ordinal);
    }

    [PeerFact("slapd")]
    public async Task More_than_one_entry_is_nobody_whatever_the_size_limit()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        foreach (int limit in (int[])[0, 1, 10])
        {
            using LdapVerifier verifier = Verifier(Options(slapd) with { SizeLimit = limit });
            PasswordVerdict verdict = await _run.AskAsync(verifier, "twin", "secret");
            Assert.Equal((PasswordOutcome.Mismatch, "more than one entry was found"), (verdict.Outcome, verdict.Reason));
        }
        Assert.Equal(3, _run.Warnings.Count);
    }

    [PeerFact("slapd")]
    public async Task CVE_2002_1347_Injection_into_filter_and_base_finds_nobody()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        LdapOptions options = Options(slapd);
        using LdapVerifier verifier = Verifier(options with { Filter = "(|(uid=%u)(cn=%r))" });
        foreach ((string name, string realm) in ((string, string)[])
            [("*)(uid=*", ""), ("*", ""), ("alic*", ""), ("x)(uid=alice", ""), ("alice\\00", ""), ("alice\0", ""), ("\\61lice", ""), ("\"alice\"", ""), ("alice\r\n", ""), ("x", "*)(uid=alice"), ("x", "*")])
        {
            Assert.Equal(PasswordOutcome.UnknownUser, await _run.OutcomeAsync(verifier, name, "secret", realm));
        }
        using LdapVerifier based = Verifier(options with { SearchBase = $"ou=%r,{SlapdPeer.Suffix}" });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(based, "alice", "secret", "people"));
        Assert.Equal(PasswordOutcome.UnknownUser, await _run.OutcomeAsync(based, "alice", "secret", "x,ou=people"));
        Assert.Equal(PasswordOutcome.UnknownUser, await _run.OutcomeAsync(based, "alice", "secret", "groups"));
        using LdapVerifier defaulted = Verifier(options with { SearchBase = $"ou=%r,{SlapdPeer.Suffix}", DefaultRealm = "people" });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(defaulted, "alice", "secret"));
    }

    [PeerFact("slapd")]
    public async Task The_scope_is_heeded()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        foreach ((LdapScope scope, string place, PasswordOutcome expected) in ((LdapScope, string, PasswordOutcome)[])
            [(LdapScope.Subtree, SlapdPeer.Suffix, PasswordOutcome.Match), (LdapScope.OneLevel, SlapdPeer.Suffix, PasswordOutcome.UnknownUser),
             (LdapScope.OneLevel, SlapdPeer.People, PasswordOutcome.Match), (LdapScope.Base, SlapdPeer.People, PasswordOutcome.UnknownUser),
             (LdapScope.Base, $"uid=%u,{SlapdPeer.People}", PasswordOutcome.Match)])
        {
            using LdapVerifier verifier = Verifier(Options(slapd) with { Scope = scope, SearchBase = place });
            Assert.Equal(expected, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
    }

    [PeerFact("slapd")]
    public async Task Aliases_are_followed_as_told()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        foreach ((LdapDereference dereference, PasswordOutcome expected) in ((LdapDereference, PasswordOutcome)[])
            [(LdapDereference.Never, PasswordOutcome.UnknownUser), (LdapDereference.Searching, PasswordOutcome.UnknownUser),
             (LdapDereference.Finding, PasswordOutcome.Match), (LdapDereference.Always, PasswordOutcome.Match)])
        {
            using LdapVerifier verifier = Verifier(Options(slapd) with { Dereference = dereference, SearchBase = $"ou=alias,{SlapdPeer.Suffix}" });
            Assert.Equal(expected, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
    }

    [PeerFact("slapd")]
    public async Task Membership_of_a_group_decides_in_every_method()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        const string Group = $"cn=mail,ou=groups,{SlapdPeer.Suffix}";
        LdapOptions byAttribute = Options(slapd) with { GroupDn = Group };
        LdapOptions byFilter = Options(slapd) with
        {
            GroupMatch = LdapGroupMatch.Filter, GroupFilter = "(&(cn=mail)(uniqueMember=%D))", GroupSearchBase = $"ou=groups,{SlapdPeer.Suffix}",
        };
        foreach (LdapOptions options in (LdapOptions[])
            [byAttribute, byFilter, byAttribute with { Method = LdapAuthMethod.Custom }, byFilter with { Method = LdapAuthMethod.Custom },
             byAttribute with { Method = LdapAuthMethod.FastBind, Filter = $"uid=%u,{SlapdPeer.People}" },
             byFilter with { Method = LdapAuthMethod.FastBind, Filter = $"uid=%u,{SlapdPeer.People}" }])
        {
            using LdapVerifier verifier = Verifier(options);
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "no-such-pw"));
            PasswordVerdict stranger = await _run.AskAsync(verifier, Odd, Odd);
            Assert.Equal((PasswordOutcome.Mismatch, "the user is not in the group"), (stranger.Outcome, stranger.Reason));
        }
        Assert.Empty(_run.Warnings);
        using LdapVerifier missing = Verifier(byAttribute with { GroupDn = $"cn=none,{SlapdPeer.Suffix}" });
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(missing, "alice", "secret"));
        Assert.Contains("ldap_group_dn names no entry", Assert.Single(_run.Warnings), StringComparison.Ordinal);
    }

    [PeerFact("slapd")]
    public async Task TLS_of_both_kinds_needs_a_certificate_of_the_right_authority_for_the_right_name()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using TestAuthority stranger = TestAuthority.Create();
        foreach (bool startTls in (bool[])[true, false])
        {
            int before = slapd.Log.Count;
            string address = startTls ? slapd.Address : slapd.TlsAddress;
            LdapOptions options = Options(slapd) with { Servers = [address], StartTls = startTls, CaFile = peer.Authority.CaFile };
            using LdapVerifier verifier = Verifier(options);
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "no-such-pw"));

            await slapd.WaitForLogAsync(static line => line.Contains("err=49", StringComparison.Ordinal), before);
            int lines = slapd.Log.Count;
            foreach (LdapOptions wrong in (LdapOptions[])
                [options with { CaFile = stranger.CaFile }, options with { CaFile = null },
                 options with { Servers = [address.Replace("127.0.0.1", "localhost.localdomain", StringComparison.Ordinal)] }])
            {
                using LdapVerifier refused = Verifier(wrong);
                Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(refused, "alice", "secret"));
            }
            Assert.DoesNotContain(slapd.Log.ToString().Split('\n').Skip(lines), static line => line.Contains(" BIND ", StringComparison.Ordinal));
            using LdapVerifier careless = Verifier(options with { CaFile = stranger.CaFile, CheckPeer = false });
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(careless, "alice", "secret"));
        }
    }

    [PeerFact("slapd")]
    public async Task Our_certificate_may_be_the_searchers_login()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        int lines = slapd.Log.Count;
        using LdapVerifier verifier = Verifier(Options(slapd) with
        {
            Servers = [slapd.TlsAddress], CaFile = peer.Authority.CaFile, CertificateFile = peer.Authority.Client.CertificateFile, KeyFile = peer.Authority.Client.KeyFile,
            UseSasl = true, SaslMechanism = "EXTERNAL", BindDn = "", BindPassword = null, Method = LdapAuthMethod.Custom,
        });
        // The certificate is alice's, who may read no password but her own.
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "ssha", "secret"));
        await slapd.WaitForLogAsync(static line => line.Contains($"BIND dn=\"uid=alice,{SlapdPeer.People}\" mech=EXTERNAL", StringComparison.Ordinal), lines);
    }

    [PeerFact("slapd")]
    public async Task A_folder_of_authorities_and_ciphers_are_used_or_refused()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using PrivateDirectory folder = PrivateDirectory.Create("ca");
        File.Copy(peer.Authority.CaFile, folder.At("ca.pem"));
        LdapOptions options = Options(slapd) with { Servers = [slapd.TlsAddress], CaDirectory = folder.FullPath };
        using LdapVerifier verifier = Verifier(options);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        using LdapVerifier ciphers = Verifier(options with { Ciphers = "no such cipher" });
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(ciphers, "alice", "secret"));
    }

    [PeerFact("slapd")]
    public async Task Servers_are_tried_in_order_and_a_restarted_one_is_asked_again()
    {
        await using SlapdPeer slapd = await SlapdPeer.StartAsync(peer.Authority);
        using LdapVerifier verifier = Verifier(Options(slapd) with { Servers = [$"ldap://127.0.0.1:{FreePort.Find()}/", slapd.Address] });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Contains("is tried", Assert.Single(_run.Warnings), StringComparison.Ordinal);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Single(_run.Warnings);    // the connection is kept

        await slapd.StopAsync();
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        await slapd.StartAgainAsync();
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));

        // A connection that died unnoticed costs nobody a login.
        await slapd.StopAsync();
        await slapd.StartAgainAsync();
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
    }

    [PeerFact("slapd")]
    public async Task Fifty_logins_at_once_are_answered_each_for_itself()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using LdapVerifier verifier = Verifier(Options(slapd) with { MaxConnections = 8 });
        PasswordOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, Concurrent).Select(i => _run.OutcomeAsync(verifier, "alice", i % 2 == 0 ? "secret" : $"wrong{i}")));
        Assert.Equal(Enumerable.Range(0, Concurrent).Select(static i => i % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch), outcomes);
    }

    [PeerFact("slapd")]
    public async Task The_daemon_makes_it_from_a_file()
    {
        SlapdPeer slapd = await peer.SlapdAsync();
        using PrivateDirectory folder = PrivateDirectory.Create("ldap-conf");
        string file = folder.Write("saslauthd.conf",
            $"ldap_servers: {slapd.Address}\nldap_search_base: {SlapdPeer.People}\nldap_bind_dn: {SlapdPeer.Proxy}\nldap_bind_pw: proxypw\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Null(LdapVerifier.Checker.MissingOnPlatform);
        IPasswordVerifier verifier = LdapVerifier.Checker.Make(new SaslauthdCheckerContext { Work = _work, Option = file, Warn = _run.Warn });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Empty(_run.Warnings);
        ((IDisposable)verifier).Dispose();
    }

    private async Task ExpectUsualOutcomesAsync(LdapVerifier verifier)
    {
        foreach ((string name, byte[] password, PasswordOutcome expected) in ((string, byte[], PasswordOutcome)[])
            [("alice", "secret"u8.ToArray(), PasswordOutcome.Match), ("alice", "Secret"u8.ToArray(), PasswordOutcome.Mismatch),
             ("alice", [], PasswordOutcome.Mismatch), ("alice", "secret\0"u8.ToArray(), PasswordOutcome.Mismatch),
             ("alice", [0xff, 0xfe, 0, 1], PasswordOutcome.Mismatch), ("alice", new byte[4000], PasswordOutcome.Mismatch),
             ("alice", new byte[5000], PasswordOutcome.Mismatch), ("nobody", "secret"u8.ToArray(), PasswordOutcome.UnknownUser),
             (Odd, System.Text.Encoding.UTF8.GetBytes(Odd), PasswordOutcome.Match), (Odd, "secret"u8.ToArray(), PasswordOutcome.Mismatch),
             (new string('x', 2000), "secret"u8.ToArray(), PasswordOutcome.Mismatch)])
        {
            Assert.Equal(expected, (await _run.AskAsync(verifier, name, password)).Outcome);
        }
    }

    private LdapVerifier Verifier(LdapOptions options) => new(options, _work, _run.Warn);

    private static LdapOptions Options(SlapdPeer slapd) => new()
    {
        Servers = [slapd.Address], SearchBase = SlapdPeer.People, BindDn = SlapdPeer.Proxy, BindPassword = SaslSecret.FromText("proxypw"),
    };

    public sealed class Peer : IAsyncLifetime
    {
        private const string Alias = $"dn: ou=alias,{SlapdPeer.Suffix}\nobjectClass: alias\nobjectClass: extensibleObject\nou: alias\naliasedObjectName: {SlapdPeer.People}\n\n";

        private readonly Lazy<TestAuthority> _authority = new(static () => TestAuthority.Create());
        private readonly Lazy<Task<SlapdPeer>> _slapd;

        public Peer() => _slapd = new Lazy<Task<SlapdPeer>>(() => SlapdPeer.StartAsync(
            Authority,
            new Dictionary<string, string>
            {
                [Odd] = Odd,
                ["ssha"] = "{SSHA}8bX4JQDfZqtTfvnQ4ssDmWb17/FTQUxU",
                ["crypt"] = "{CRYPT}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
                ["strange"] = "{ARGON2}$argon2id$v=19$m=65536",
            },
            Alias));

        public TestAuthority Authority => _authority.Value;

        public Task<SlapdPeer> SlapdAsync() => _slapd.Value;

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            if (_slapd.IsValueCreated && _slapd.Value.IsCompletedSuccessfully)
                await (await _slapd.Value).DisposeAsync();
            if (_authority.IsValueCreated)
                _authority.Value.Dispose();
        }
    }
}
