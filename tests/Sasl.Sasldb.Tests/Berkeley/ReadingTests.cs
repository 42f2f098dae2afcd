using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sasl.Sasldb.Berkeley;
using Sasl.Sasldb.Records;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>Files that Cyrus SASL and Berkeley DB made, read.</summary>
public sealed class ReadingTests(ITestOutputHelper output) : IDisposable
{
    private const long MostPerLookup = 8;
    private static readonly ImmutableArray<SaslProperty> s_password = [new("userPassword")];

    private readonly TestBerkeley _db = new();

    public void Dispose() => _db.Dispose();

    [PeerFact("saslpasswd2")]
    public async Task What_saslpasswd2_stores_is_found_at_the_next_lookup()
    {
        Assert.Equal(SasldbFault.Missing, Assert.Throws<SasldbException>(() => _db.Password("alice")).Fault);
        await CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "pencil", TestSasldb.Realm);
        Assert.Equal("pencil", _db.Password("alice"));
        Assert.Null(_db.Password("bob"));
        Assert.False(_db.Knows("bob"));
        await CyrusDatabase.SetPasswordAsync(_db.Path, "bob", "rubber", TestSasldb.Realm);
        await CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "a longer pencil", TestSasldb.Realm);
        Assert.Equal("a longer pencil", _db.Password("alice"));
        Assert.Equal("rubber", _db.Password("bob"));
        (bool exists, byte[]?[] values) = TestBerkeley.Find(_db.Form, "alice", TestSasldb.Realm, "none", "userPassword", "*userPassword");
        Assert.True(exists);
        Assert.Null(values[0]);
        Assert.Equal("a longer pencil", Encoding.ASCII.GetString(values[1]!));
        Assert.Null(values[2]);
    }

    [PeerTheory("db_load", "db_dump")]
    [InlineData(512, "1234", false)]
    [InlineData(512, "4321", true)]
    [InlineData(1024, "4321", false)]
    [InlineData(2048, "1234", false)]
    [InlineData(4096, "1234", true)]
    [InlineData(4096, "4321", false)]
    [InlineData(8192, "4321", true)]
    [InlineData(16384, "1234", false)]
    [InlineData(32768, "4321", false)]
    [InlineData(65536, "1234", false)]
    [InlineData(65536, "4321", true)]
    public async Task Every_page_size_and_byte_order_is_read(int pageSize, string order, bool checksums)
    {
        Random random = Seeded();
        Dictionary<(string User, string Realm, string Property), byte[]> records = TestBerkeley.MakeRecords(random, 400);
        // Long keys get pages of their own; no lookup finds them, but listings do.
        (byte[] Key, byte[] Value)[] all =
        [
            .. records.Select(record => (TestBerkeley.Key(record.Key.User, record.Key.Property, record.Key.Realm), record.Value)),
            .. Enumerable.Range(1, 9).Select(number => (Encoding.ASCII.GetBytes(new string('k', number * 2000) + "\0realm\0x"), new byte[number * 1500])),
        ];
        await Libdb.LoadAsync(_db.Path, all, [$"db_pagesize={pageSize}", $"db_lorder={order}", .. checksums ? ["chksum=1"] : Array.Empty<string>()]);

        foreach (((string user, string realm, string property), byte[] value) in records)
            Assert.Equal(value, TestBerkeley.Find(_db.Form, user, realm, property).Values[0]);
        Assert.False(_db.Knows("nobody"));
        Assert.Equal(all.Length, _db.Form.Verify(default));
        List<byte[]> keys = TestBerkeley.List(_db.Form);
        Assert.Equal((await Libdb.DumpAsync(_db.Path)).Keys, keys.Select(TestBerkeley.Hex).Order(StringComparer.Ordinal));
    }

    [PeerFact("db_load")]
    public async Task A_key_that_needs_pages_of_its_own_is_found()
    {
        string user = new('u', 200);
        await Libdb.LoadAsync(
            _db.Path,
            Enumerable.Range(0, 100).Select(number => (TestBerkeley.Key($"{user}{number}"), Encoding.ASCII.GetBytes($"secret {number}"))),
            "db_pagesize=512");
        for (int number = 0; number < 100; number++)
            Assert.Equal($"secret {number}", _db.Password($"{user}{number}"));
        Assert.Null(_db.Password($"{user}100"));
    }

    [PeerFact("db_load")]
    public async Task Pages_in_no_order_are_read_as_Berkeley_DB_before_4_6_wrote_them()
    {
        byte[] file = await MakeAsync(300);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 8);
        for (int page = 4096; page < file.Length; page += 4096)
        {
            if (file[page + 25] != BerkeleyLayout.SortedPage)
                continue;
            file[page + 25] = BerkeleyLayout.UnsortedPage;
            SwapFirstTwoRecords(file.AsSpan(page, 4096));
        }
        await File.WriteAllBytesAsync(_db.Path, file);
        for (int user = 0; user < 300; user++)
            Assert.Equal($"secret {user}", _db.Password($"user{user}"));
        Assert.Null(_db.Password("nobody"));
        Assert.Equal(300, _db.Form.Verify(default));
    }

    [PeerFact("db_load")]
    public async Task A_file_of_Berkeley_DB_6_is_read()
    {
        byte[] file = await MakeAsync(10);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 10);
        await File.WriteAllBytesAsync(_db.Path, file);
        Assert.Equal("secret 3", _db.Password("user3"));
        var refused = Assert.Throws<SasldbException>(() => _db.PutPassword("alice", "x"));
        Assert.Equal(SasldbFault.UnsupportedForm, refused.Fault);
        Assert.Contains("Berkeley DB 6", refused.Message, StringComparison.Ordinal);
        Assert.Equal(file, await File.ReadAllBytesAsync(_db.Path));
    }

    [PeerTheory("db_load")]
    [InlineData("")]
    [InlineData("dupsort=1")]
    [InlineData("chksum=1")]
    [InlineData("db_pagesize=512")]
    [InlineData("db_lorder=4321")]
    public async Task Of_several_values_the_first_is_read_and_nothing_is_written(string setting)
    {
        // In the order of a dupsort, too.
        var users = new Dictionary<string, string[]>
        {
            ["one"] = ["only"],
            ["two"] = ["1 first", "2 second"],
            ["empty"] = ["", "2 second"],
            ["long"] = ["1 " + new string('x', 5000), "2 second"],
            ["behind"] = ["1 first", "2 " + new string('x', 5000)],
            ["many"] = [.. Enumerable.Range(1000, 3000).Select(number => $"{number} of many")],
        };
        await Libdb.LoadAsync(
            "hash", _db.Path, users.SelectMany(user => user.Value.Select(value => (TestBerkeley.Key(user.Key), Encoding.UTF8.GetBytes(value)))),
            ["duplicates=1", .. setting.Length > 0 ? (string[])[setting] : []]);
        byte[] file = await File.ReadAllBytesAsync(_db.Path);

        Assert.All(users, user => Assert.Equal(user.Value[0], _db.Password(user.Key)));
        Assert.Null(_db.Password("nobody"));
        Assert.Equal(users.Count, _db.Form.Verify(default));
        Assert.Equal(
            users.Keys.Select(user => TestBerkeley.Hex(TestBerkeley.Key(user))).Order(StringComparer.Ordinal),
            TestBerkeley.List(_db.Form).Select(TestBerkeley.Hex).Order(StringComparer.Ordinal));
        var refused = Assert.Throws<SasldbException>(() => _db.PutPassword("one", "x"));
        Assert.Equal(SasldbFault.UnsupportedForm, refused.Fault);
        Assert.Contains("several values", refused.Message, StringComparison.Ordinal);
        Assert.Equal(file, await File.ReadAllBytesAsync(_db.Path));
    }

    [PeerTheory("db_load")]
    [InlineData(7)]
    [InlineData(1234)]
    public async Task A_file_of_several_values_may_be_damaged_anywhere(int seed)
    {
        (byte[] Key, byte[] Value)[] records =
        [
            .. Enumerable.Range(0, 40).Select(number => (TestBerkeley.Key("two"), Encoding.UTF8.GetBytes($"value {number}"))),
            .. Enumerable.Range(0, 3000).Select(number => (TestBerkeley.Key("many"), Encoding.UTF8.GetBytes($"value {number}"))),
        ];
        await Libdb.LoadAsync("hash", _db.Path, records, "duplicates=1", "db_pagesize=512");
        byte[] file = await File.ReadAllBytesAsync(_db.Path);
        var random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 300; round++)
        {
            byte[] changed = [.. file];
            changed[random.Next(BerkeleyLayout.MetaLength, Math.Min(file.Length, 16 * 512))] ^= (byte)random.Next(1, 256);
            changed[random.Next(512, file.Length)] ^= (byte)random.Next(1, 256);
            await File.WriteAllBytesAsync(_db.Path, changed);
            try
            {
                _db.Password("two");
                _db.Password("many");
                _db.Form.Verify(default);
            }
            catch (SasldbException exception)
            {
                Assert.Contains(exception.Fault, (SasldbFault[])[SasldbFault.Damaged, SasldbFault.Changed]);
                refused++;
            }
        }
        Assert.InRange(refused, 1, 300);
    }

    [PeerTheory("db_load")]
    [InlineData("btree", "no hash")]
    [InlineData("hash", "no hash", "database=other")]
    public async Task Another_kind_of_Berkeley_DB_file_is_called_by_its_name_and_left_alone(string type, string name, params string[] settings)
    {
        await Libdb.LoadAsync(type, _db.Path, [("alice\0example.com\0userPassword"u8.ToArray(), "pencil"u8.ToArray())], settings);
        await RefusesAsync(SasldbFault.UnsupportedForm, name);
    }

    [PeerTheory("db_load")]
    [InlineData(16, 7u, "another version")]
    [InlineData(16, 11u, "another version")]
    [InlineData(24, 1u, "encrypted")]
    [InlineData(36, 2u, "several databases or parts")]
    [InlineData(92, 1u, "hash function of its own")]
    [InlineData(12, 0x042253u, "no hash")]
    [InlineData(12, 0u, "no Berkeley DB file")]
    [InlineData(0, 0x061561u, "Berkeley DB 1.85", 12, 0u)]
    public async Task What_Cyrus_does_not_read_either_is_called_by_its_name(int place, uint value, string name, int other = 0, uint otherValue = 0)
    {
        byte[] file = await MakeAsync(10);
        if (other != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(other), otherValue);
        if (place == 24)
            file[24] = (byte)value;
        else
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(place), value);
        await File.WriteAllBytesAsync(_db.Path, file);
        await RefusesAsync(SasldbFault.UnsupportedForm, name);
    }

    [PeerFact("db_load")]
    public async Task A_user_without_a_password_exists()
    {
        await Libdb.LoadAsync(_db.Path, [(TestBerkeley.Key("otto", "cmusaslsecretOTP"), "md5\t0499"u8.ToArray())]);
        Assert.True(_db.Knows("otto"));
        Assert.Null(_db.Password("otto"));
        Assert.False(_db.Knows("ott"));
    }

    [PeerFact("db_load")]
    public async Task A_listing_in_pages_has_every_key_once()
    {
        await MakeAsync(3000);
        List<byte[]> keys = TestBerkeley.List(_db.Form);
        Assert.True(_db.Form.ReadKeys(null).Count < 1000, "a page of the listing has too much");
        Assert.Equal(
            Enumerable.Range(0, 3000).Select(user => TestBerkeley.Hex(TestBerkeley.Key($"user{user}"))).Order(StringComparer.Ordinal),
            keys.Select(TestBerkeley.Hex).Order(StringComparer.Ordinal));
    }

    [PeerFact("db_load")]
    public async Task A_lookup_allocates_next_to_nothing()
    {
        await MakeAsync(3000);
        // What was written just now is read twice, with some effort.
        using var form = new BerkeleyForm(_db.Options with { Clock = new LaterClock() });
        byte[] user = Encoding.UTF8.GetBytes($"user1234\0{TestSasldb.Realm}\0");
        Assert.True(Find(form, user));
        const int Lookups = 1000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int lookup = 0; lookup < Lookups; lookup++)
            Assert.True(Find(form, user));
        long perLookup = (GC.GetAllocatedBytesForCurrentThread() - before) / Lookups;
        output.WriteLine($"{perLookup} octets for a lookup");
        Assert.InRange(perLookup, 0, MostPerLookup);
    }

    private static bool Find(BerkeleyForm form, byte[] user)
    {
        Span<byte> key = stackalloc byte[SasldbKey.MaxLength];
        user.CopyTo(key);
        var lookup = new SasldbLookup(s_password, key, user.Length, stackalloc byte[256]);
        form.Read(ref lookup);
        bool exists = lookup.UserExists;
        lookup.Dispose();
        return exists;
    }

    private static void SwapFirstTwoRecords(Span<byte> page)
    {
        // The places of the first four items, from the end of the page: lengths are between neighbours.
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page[20..]);
        if (count < 4)
            return;
        int[] places = new int[4];
        for (int item = 0; item < 4; item++)
            places[item] = BinaryPrimitives.ReadUInt16LittleEndian(page[(26 + (2 * item))..]);
        byte[] first = page[places[1]..].ToArray();
        byte[] second = page[places[3]..places[1]].ToArray();
        int firstValue = places[0] - places[1];
        int secondValue = places[2] - places[3];
        second.CopyTo(page[(page.Length - second.Length)..]);
        first.CopyTo(page[places[3]..]);
        int[] swapped = [page.Length - second.Length + secondValue, page.Length - second.Length, places[3] + firstValue, places[3]];
        for (int item = 0; item < 4; item++)
            BinaryPrimitives.WriteUInt16LittleEndian(page[(26 + (2 * item))..], (ushort)swapped[item]);
    }

    private Random Seeded()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private async Task<byte[]> MakeAsync(int users)
    {
        await Libdb.LoadAsync(
            _db.Path,
            Enumerable.Range(0, users).Select(user => (TestBerkeley.Key($"user{user}"), Encoding.ASCII.GetBytes($"secret {user}"))),
            "db_lorder=1234", "db_pagesize=4096");
        return await File.ReadAllBytesAsync(_db.Path);
    }

    private async Task RefusesAsync(SasldbFault fault, string name)
    {
        byte[] before = await File.ReadAllBytesAsync(_db.Path);
        foreach (Action use in (Action[])[() => _db.Password("alice"), () => _db.PutPassword("alice", "x"), () => _db.Form.ReadKeys(null), () => _db.Form.Verify(default)])
        {
            var refused = Assert.Throws<SasldbException>(use);
            Assert.Equal(fault, refused.Fault);
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
            Assert.Contains(_db.Path, refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(_db.Path));
        Assert.False(File.Exists(_db.Path + "-lock"), "a lock file was made beside a file that is left alone");
    }
}
