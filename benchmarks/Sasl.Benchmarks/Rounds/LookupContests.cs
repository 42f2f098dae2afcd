using System.Text;
using Sasl.Sasldb;

namespace Sasl.Benchmarks;

/// <summary>
/// One user's password looked up among many, in each form of a sasldb that is in the system's cache. libsasl2 looks the same users up by
/// turns, in a Berkeley DB file, which is the only form that Debian's reads; and so do the bare system calls.
/// </summary>
internal static class LookupContests
{
    private const string Calls = "statx + pread";
    private const string Connection = "libsasl2's connection";
    private const double LookupLimit = 2000;
    private const int Sample = 4096;
    private const int Few = 10;
    private const int Many = 10_000;
    private const int Most = 1_000_000;

    // A file that was written a moment ago costs a lookup more.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3.5);

    /// <summary>Among ten and ten thousand.</summary>
    public static IEnumerable<Contest> All => [.. Among(Few), .. Among(Many)];

    /// <summary>Among a million: making the files takes most of the time.</summary>
    public static IEnumerable<Contest> Million => Among(Most);

    private static IEnumerable<Contest> Among(int users) => Enum.GetValues<SasldbFormat>().Select(format => new Contest(
        $"lookup among {users:N0} users, {format}",
        () => Contestants(format, users),
        Goal.NoLonger(LookupLimit), Goal.Times(Peer.Cyrus, 10), Goal.Shown(Connection), Goal.Shown(Calls)));

    private static IEnumerable<Contestant> Contestants(SasldbFormat format, int users)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sasl-bench-");
        SasldbStore store = Make(folder, "sasldb2", format, users);
        var random = new Random(users);
        int[] sample = [.. Enumerable.Range(0, Sample).Select(_ => random.Next(users))];
        SaslUser[] wanted = [.. sample.Select(User)];
        int next = 0;
        void LookUp()
        {
            using var password = new PropertySet(SaslProperty.UserPassword);
            ValueTask<bool> lookup = store.LookupAsync(wanted[next = (next + 1) % Sample], password, default);
            if (!lookup.IsCompletedSuccessfully || !lookup.Result || password.Count != 1)
                throw new InvalidOperationException("A user who is there was not found.");
        }
        LookUp();
        Thread.Sleep(s_settling);
        LookUp();
        yield return Contestant.Of("this library", LookUp) with
        {
            Retire = () =>
            {
                store.Dispose();
                folder.Delete(recursive: true);
            },
        };
        if (Peer.IsThere(Peer.Cyrus))
        {
            string theirs = store.Path;
            if (format != SasldbFormat.Berkeley)
            {
                using SasldbStore made = Make(folder, "theirs", SasldbFormat.Berkeley, users);
                theirs = made.Path;
            }
            string[] names = [.. wanted.Select(static user => $"{user.Name}@{user.Realm}")];
            yield return Contestant.Of(Peer.Cyrus, () => Libsasl2.Exists(names[next = (next + 1) % Sample])) with { Prepare = () => Libsasl2.Start(theirs) };
            yield return Contestant.Of(Connection, Libsasl2.MakeConnection) with { Prepare = () => Libsasl2.Start(theirs) };
        }
        if (OperatingSystem.IsLinux())
        {
            var calls = new SystemCalls(store.Path, Sample);
            yield return Contestant.Of(Calls, calls.Make) with { Retire = calls.Dispose };
        }
    }

    private static SasldbStore Make(DirectoryInfo folder, string name, SasldbFormat format, int users)
    {
        var store = new SasldbStore(new SasldbOptions { Path = Path.Combine(folder.FullName, name), CreateFormat = format });
        store.StoreAllAsync(
            Enumerable.Range(0, users).Select(static user => (
                User(user), (IReadOnlyList<SaslPropertyValue>)[new SaslPropertyValue(SaslProperty.UserPassword.Name, Encoding.UTF8.GetBytes($"secret of {user}"))])),
            default).AsTask().GetAwaiter().GetResult();
        return store;
    }

    private static SaslUser User(int number) => new($"user{number}", "example.com");
}
