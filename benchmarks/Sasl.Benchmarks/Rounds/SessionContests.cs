using Sasl.Mechanisms;

namespace Sasl.Benchmarks;

/// <summary>What a connection costs before anybody authenticates, and what a program costs before there is a connection.</summary>
internal static class SessionContests
{
    private const int Sessions = 10_000;

    /// <summary>Sessions and configuration.</summary>
    public static IEnumerable<Contest> All =>
    [
        new("session created, mechanisms listed, session disposed",
            static () => [OurSession(), .. CyrusSession()], Goal.Times(Peer.Cyrus, 10)),
        new("configuration read and server built, warm (libsasl2: sasl_server_init and sasl_server_done)",
            static () => [OurSetup(), .. CyrusSetup()], Goal.Times(Peer.Cyrus, 5)),
    ];

    /// <summary>The memory of sessions that wait.</summary>
    public static IEnumerable<Row> Memory()
    {
        using MemoryCredentialStore store = Party.StoreFor("SCRAM-SHA-256", Party.Kept.Keys);
        SaslServer server = Party.MakeServer("SCRAM-SHA-256", store);
        yield return Limit("memory of an idle session, mean of 10,000", 300, static server => server.CreateSession(SaslChannel.Plaintext), server);
        byte[] first = "n,,n=alice,r=rOprNGfwEbeRWgbNEkqOrOprNGfwEbeR"u8.ToArray();
        yield return Limit("memory of a session with SCRAM-SHA-256 under way, mean of 10,000", 800, server =>
        {
            SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
            SaslReply reply = session.StartAsync("SCRAM-SHA-256", first).AsTask().GetAwaiter().GetResult();
            return reply.NeedsMore ? session : throw new InvalidOperationException("The server refuses.");
        }, server);
    }

    private static Row Limit(string title, double limit, Func<SaslServer, SaslServerSession> make, SaslServer server)
    {
        double each = MemoryOf(Sessions, () => make(server)) / Sessions;
        return new Row(title, "", Show.Octets(each), "", $"≤ {limit} B", each <= limit);
    }

    /// <summary>How much memory sessions hold while they wait, in octets.</summary>
    /// <param name="count">How many.</param>
    /// <param name="make">Makes one.</param>
    public static double MemoryOf(int count, Func<SaslServerSession> make)
    {
        make().Dispose();
        var sessions = new SaslServerSession[count];
        long before = Settled();
        for (int i = 0; i < count; i++)
            sessions[i] = make();
        long after = Settled();
        foreach (SaslServerSession session in sessions)
            session.Dispose();
        return after - before;
    }

    private static long Settled()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static Contestant OurSession()
    {
        var channel = new SaslChannel { ExternalSsf = 256 };
        MemoryCredentialStore store = Party.StoreFor("PLAIN", Party.Kept.PlainText);
        var server = new SaslServer(new SaslServerOptions
        {
            Service = Account.Service,
            ServerName = Account.Host,
            Mechanisms = SaslMechanisms.Standard,
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
        });
        return Contestant.Of("this library", () =>
        {
            using SaslServerSession session = server.CreateSession(channel);
            if (session.Mechanisms.Length < 2)
                throw new InvalidOperationException("Nothing is offered.");
        });
    }

    private static IEnumerable<Contestant> CyrusSession()
    {
        if (!Peer.IsThere(Peer.Cyrus))
            yield break;
        yield return Contestant.Of(Peer.Cyrus, Libsasl2.MakeConnectionAndList) with { Prepare = Libsasl2.StartInMemory };
    }

    private static Contestant OurSetup()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sasl-bench-conf-");
        string sasldb = Path.Combine(folder.FullName, "sasldb2");
        File.WriteAllText(Path.Combine(folder.FullName, "benchmark.conf"), $"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {sasldb}\nmech_list: SCRAM-SHA-256 PLAIN\n");
        var builder = new SaslServerBuilder { ServerName = Account.Host, Realm = Account.Realm, Finder = new SaslConfigurationFinder { Directories = [folder.FullName] } };
        return Contestant.Of("this library", () => builder.Build("smtp", "benchmark").Dispose()) with { Retire = () => folder.Delete(recursive: true) };
    }

    private static IEnumerable<Contestant> CyrusSetup()
    {
        if (!Peer.IsThere(Peer.Cyrus))
            yield break;
        yield return Contestant.Of(Peer.Cyrus, Libsasl2.Restart) with { Prepare = Libsasl2.EndClient };
    }
}
