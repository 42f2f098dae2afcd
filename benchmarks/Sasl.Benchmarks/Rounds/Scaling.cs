using System.Diagnostics;
using Sasl.Sasldb;

namespace Sasl.Benchmarks;

/// <summary>How this library's costs grow: with sessions at once, idle sessions, iterations, users.</summary>
internal static class Scaling
{
    private const int Lookups = 20_000;

    private static readonly TimeSpan s_each = TimeSpan.FromMilliseconds(400);
    private static readonly int[] s_threads = [1, 2, 3, 4, 6, 8];
    private static readonly int[] s_sessions = [1_000, 2_500, 5_000, 10_000];
    private static readonly int[] s_iterations = [4_096, 8_192, 16_384, 32_768, 65_536];
    private static readonly int[] s_users = [10, 100, 1_000, 10_000, 100_000];

    /// <summary>Measures everything.</summary>
    public static ScalingFigures Measure() => new(
        new Curve("logins a second with sessions at once", "sessions", "PLAIN", [.. s_threads.Select(static threads => new Point(threads, PerSecond("PLAIN", threads)))]),
        new Curve("logins a second with sessions at once", "sessions", "SCRAM-SHA-256, keys cached", [.. s_threads.Select(static threads => new Point(threads, PerSecond("SCRAM-SHA-256", threads)))]),
        new Curve("memory of idle sessions, KiB", "sessions", "idle sessions", [.. s_sessions.Select(static count => new Point(count, IdleKibibytes(count)))]),
        new Curve("first SCRAM-SHA-256 login, ms", "iterations", "client and server", [.. s_iterations.Select(static count => new Point(count, FirstLogin(count)))]),
        new Curve("lookup in sasldb, µs", "users", "Berkeley DB", [.. s_users.Select(static users => new Point(users, Lookup(users, SasldbFormat.Berkeley)))]),
        new Curve("lookup in sasldb, µs", "users", "LMDB", [.. s_users.Select(static users => new Point(users, Lookup(users, SasldbFormat.Lmdb)))]));

    private static double PerSecond(string mechanism, int threads)
    {
        Party.Kept kept = mechanism == "PLAIN" ? Party.Kept.PlainText : Party.Kept.KeysAndCache;
        using MemoryCredentialStore store = Party.StoreFor(mechanism, kept);
        SaslServer server = Party.MakeServer(mechanism, store);
        long logins = 0;
        using var start = new Barrier(threads);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work))];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        return logins / s_each.TotalSeconds;

        void Work()
        {
            using var duel = new Duel(Party.OurClient(mechanism, remembers: true), Party.OurServer(server, mechanism));
            duel.Whole(1_000);
            start.SignalAndWait();
            long mine = 0;
            for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < s_each; mine++)
                duel.LogIn();
            Interlocked.Add(ref logins, mine);
        }
    }

    private static double IdleKibibytes(int count)
    {
        using MemoryCredentialStore store = Party.StoreFor("SCRAM-SHA-256", Party.Kept.Keys);
        SaslServer server = Party.MakeServer("SCRAM-SHA-256", store);
        return SessionContests.MemoryOf(count, () => server.CreateSession(SaslChannel.Plaintext)) / 1024;
    }

    private static double FirstLogin(int iterations)
    {
        var user = new SaslUser(Account.User, Account.Realm);
        using var store = new MemoryCredentialStore();
        store.Add(user, "authPassword", System.Text.Encoding.ASCII.GetBytes(Account.AuthPassword("SCRAM-SHA-256", iterations)));
        using var duel = new Duel(Party.OurClient("SCRAM-SHA-256", remembers: false), Party.OurServer("SCRAM-SHA-256", store));
        duel.LogIn();
        const int Rounds = 3;
        return Enumerable.Range(0, Rounds).Min(_ => duel.Whole(1)) / 1e6;
    }

    private static double Lookup(int users, SasldbFormat format)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sasl-bench-users-");
        try
        {
            using var store = new SasldbStore(new SasldbOptions { Path = Path.Combine(folder.FullName, "sasldb2"), CreateFormat = format });
            store.StoreAllAsync(Enumerable.Range(0, users).Select(static number => (User(number), Values(number))), default).AsTask().GetAwaiter().GetResult();
            Look(store, users, Lookups / 10);
            long begun = Stopwatch.GetTimestamp();
            Look(store, users, Lookups);
            return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / Lookups;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Look(SasldbStore store, int users, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using var password = new PropertySet(SaslProperty.UserPassword);
            ValueTask<bool> lookup = store.LookupAsync(User((int)(i * 7919L % users)), password, default);
            if (!lookup.IsCompletedSuccessfully || !lookup.Result)
                throw new InvalidOperationException("A user who is there was not found.");
        }
    }

    private static SaslUser User(int number) => new($"user{number}", Account.Realm);

    private static IReadOnlyList<SaslPropertyValue> Values(int number) =>
        [new(SaslProperty.UserPassword.Name, System.Text.Encoding.ASCII.GetBytes($"secret of {number}"))];
}
