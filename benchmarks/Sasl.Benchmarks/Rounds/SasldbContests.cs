using Sasl.Sasldb;

namespace Sasl.Benchmarks;

/// <summary>Logins of users who are in a Berkeley DB sasldb, as Debian's Cyrus SASL keeps it: both libraries read the same file.</summary>
internal static class SasldbContests
{
    private const double LookupLimit = 2000;

    private static readonly string[] s_mechanisms = ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"];

    /// <summary>Server halves, and one lookup.</summary>
    public static IEnumerable<Contest> All =>
    [
        .. s_mechanisms.Select(static mechanism => new Contest(
            $"{mechanism}, server half, user in sasldb (Berkeley DB)", () => Pair(mechanism), Goal.Times(Peer.Cyrus, 10))),
        new("SCRAM-SHA-256, server half, user in sasldb (Berkeley DB), plain text, from the second login on",
            static () => Pair("SCRAM-SHA-256"), Goal.Times(Peer.Cyrus, 10)),
        new("lookup of one property in sasldb (Berkeley DB; libsasl2: sasl_user_exists with its context)", Lookup, Goal.Shown(Peer.Cyrus), Goal.NoLonger(LookupLimit)),
    ];

    private static IEnumerable<Contestant> Pair(string mechanism)
    {
        SasldbStore store = MakeFile(out DirectoryInfo folder);
        var duel = new Duel(Party.OurClient(mechanism, remembers: true), Party.OurServer(mechanism, store));
        yield return Party.Of("this library", duel, static duel => duel.ServerHalf) with { Retire = () => Remove(store, folder) };
        if (!Peer.IsThere(Peer.Cyrus))
            yield break;
        Libsasl2.StartClient();
        var cyrus = new Duel(new Libsasl2Side.Client(mechanism), new Libsasl2Side.Server(mechanism));
        yield return Party.Of(Peer.Cyrus, cyrus, static duel => duel.ServerHalf, () => Libsasl2.Start(store.Path));
    }

    private static IEnumerable<Contestant> Lookup()
    {
        SasldbStore store = MakeFile(out DirectoryInfo folder);
        var user = new SaslUser(Account.User, Account.Realm);
        yield return Contestant.Of("this library", () =>
        {
            using var password = new PropertySet(SaslProperty.UserPassword);
            ValueTask<bool> lookup = store.LookupAsync(user, password, default);
            if (!lookup.IsCompletedSuccessfully || !lookup.Result || password.Count != 1)
                throw new InvalidOperationException("A user who is there was not found.");
        }) with { Retire = () => Remove(store, folder) };
        if (Peer.IsThere(Peer.Cyrus))
            yield return Contestant.Of(Peer.Cyrus, static () => Libsasl2.Exists($"{Account.User}@{Account.Realm}")) with { Prepare = () => Libsasl2.Start(store.Path) };
    }

    private static SasldbStore MakeFile(out DirectoryInfo folder)
    {
        folder = Directory.CreateTempSubdirectory("sasl-bench-db-");
        var store = new SasldbStore(new SasldbOptions { Path = Path.Combine(folder.FullName, "sasldb2"), CreateFormat = SasldbFormat.Berkeley });
        store.StoreAsync(new SaslUser(Account.User, Account.Realm), [new(SaslProperty.UserPassword.Name, Account.PasswordOctets)], default)
            .AsTask().GetAwaiter().GetResult();
        return store;
    }

    private static void Remove(SasldbStore store, DirectoryInfo folder)
    {
        store.Dispose();
        folder.Delete(recursive: true);
    }
}
