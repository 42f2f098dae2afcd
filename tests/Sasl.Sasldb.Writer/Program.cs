using System.Globalization;
using System.Text;
using Sasl;
using Sasl.Sasldb;
using Sasl.Sasldb.Lmdb;

// A process of its own for the tests of Sasl.Sasldb: one that can be killed, run by another user, or run four times at once.
//   pairs  PATH SEED           writes until killed; "left" and "right" of each of 20 users are always the same; a line after each write
//   users  PATH PREFIX COUNT   stores so many users, one by one
//   count  PATH TIMES          adds 1 so often to one number, by comparing and replacing
//   store  PATH USER VALUE     stores one password
//   hold   PATH                takes the lock of writers, says so, and keeps it until a line comes
//   get    PATH USER           prints the password, or what is wrong
//   memory PATH COUNT          looks user0 and so on up, lists everything, and prints how many octets of memory are kept for it
var options = new SasldbOptions { Path = args[1], Warning = Console.WriteLine, LockTimeout = TimeSpan.FromSeconds(60) };
using var store = new SasldbStore(options);
try
{
    switch (args[0])
    {
        case "pairs":
            await WritePairsAsync(store, new Random(int.Parse(args[2], CultureInfo.InvariantCulture)));
            return 0;
        case "users":
            await StoreUsersAsync(store, args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
            return 0;
        case "count":
            await CountAsync(store, int.Parse(args[2], CultureInfo.InvariantCulture));
            return 0;
        case "store":
            await StoreAsync(store, args[2], new SaslPropertyValue("userPassword", Encoding.UTF8.GetBytes(args[3])));
            return 0;
        case "hold":
            Hold(options);
            return 0;
        case "get":
            Console.WriteLine(await GetAsync(store, args[2], "userPassword") ?? "(nothing)");
            return 0;
        case "memory":
            Console.WriteLine(await MeasureAsync(store, int.Parse(args[2], CultureInfo.InvariantCulture)));
            return 0;
        default:
            return 2;
    }
}
catch (Exception failure) when (failure is SasldbException or SaslUnavailableException)
{
    Console.WriteLine(failure.Message);
    return 1;
}

static async Task WritePairsAsync(SasldbStore store, Random random)
{
    while (true)
    {
        string user = $"pair{random.Next(20)}";
        if (random.Next(10) == 0)
        {
            await store.RemoveAsync(new SaslUser(user, "example.com"), default);
        }
        else
        {
            byte[] value = new byte[random.Next(5) == 0 ? random.Next(8000) : random.Next(60)];
            random.NextBytes(value);
            await StoreAsync(store, user, new SaslPropertyValue("left", value), new SaslPropertyValue("right", value));
        }
        Console.WriteLine("written");
    }
}

static void Hold(SasldbOptions options)
{
    using LmdbWriteLock held = LmdbWriteLock.Take(options.Path, options, () => 0, default);
    Console.WriteLine("held");
    _ = Console.ReadLine();
}

static async Task StoreUsersAsync(SasldbStore store, string prefix, int count)
{
    for (int number = 0; number < count; number++)
        await StoreAsync(store, $"{prefix}{number}", new SaslPropertyValue("userPassword", Encoding.UTF8.GetBytes($"{prefix} {number}")));
}

static async Task CountAsync(SasldbStore store, int times)
{
    while (times > 0)
    {
        string? now = await GetAsync(store, "counter", "number");
        int next = now is null ? 1 : int.Parse(now, CultureInfo.InvariantCulture) + 1;
        // Not with "?:", whose null would become an empty value: arrays, null among them, convert to ReadOnlyMemory.
        ReadOnlyMemory<byte>? expected = null;
        if (now is not null)
            expected = Encoding.UTF8.GetBytes(now);
        byte[] replacement = Encoding.UTF8.GetBytes(next.ToString(CultureInfo.InvariantCulture));
        if (await store.TryReplaceAsync(new SaslUser("counter", "example.com"), "number", expected, replacement, default))
            times--;
    }
}

static async Task<long> MeasureAsync(SasldbStore store, int count)
{
    // What the first lookup makes for all stores is not the file's.
    await GetAsync(store, "user0", "userPassword");
    long before = GC.GetTotalMemory(forceFullCollection: true);
    for (int user = 0; user < count; user++)
        await GetAsync(store, $"user{user}", "userPassword");
    await foreach ((SaslUser User, string Property) _ in store.ListAsync(realm: null, default))
        count--;
    long after = GC.GetTotalMemory(forceFullCollection: true);
    return count == 0 ? after - before : throw new InvalidOperationException("The listing has not as many as were looked up.");
}

static ValueTask StoreAsync(SasldbStore store, string user, params SaslPropertyValue[] values) =>
    store.StoreAsync(new SaslUser(user, "example.com"), values, default);

static async Task<string?> GetAsync(SasldbStore store, string user, string property)
{
    var wanted = new SaslProperty(property);
    using var set = new PropertySet(wanted);
    try
    {
        await store.LookupAsync(new SaslUser(user, "example.com"), set, default);
    }
    catch (SaslUnavailableException missing) when (missing.InnerException is SasldbException { Fault: SasldbFault.Missing })
    {
        if (property == "userPassword")
            throw;
        return null;
    }
    return set.TryGet(wanted, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;
}
