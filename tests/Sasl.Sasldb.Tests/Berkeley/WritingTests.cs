using System.Buffers.Binary;
using System.Text;
using Sasl.Sasldb.Berkeley;
using Sasl.Sasldb.Records;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>Files that we write, judged by Berkeley DB and Cyrus SASL.</summary>
public sealed class WritingTests(ITestOutputHelper output) : IDisposable
{
    private const int Population = 10_000;

    private readonly TestBerkeley _db = new();

    public void Dispose() => _db.Dispose();

    [PeerFact("saslpasswd2", "sasldblistusers2", "db_verify")]
    public async Task Cyrus_uses_a_file_that_we_made_and_we_use_it_after_Cyrus()
    {
        _db.PutPassword("alice", "pencil");
        await Libdb.VerifyAsync(_db.Path);
        Assert.Equal("alice@example.com: userPassword", (await CyrusDatabase.ListAsync(_db.Path)).Trim());
        for (int user = 0; user < 100; user++)
            await CyrusDatabase.SetPasswordAsync(_db.Path, $"cyrus{user}", $"rubber {user}", TestSasldb.Realm);
        for (int user = 0; user < 100; user++)
            _db.PutPassword($"ours{user}", $"pen {user}");
        await RemoveWithCyrusAsync("alice");
        await RemoveWithCyrusAsync("ours99");
        await Libdb.VerifyAsync(_db.Path);
        Assert.False(_db.Knows("alice"));
        Assert.False(_db.Knows("ours99"));
        for (int user = 0; user < 99; user++)
            Assert.Equal(($"rubber {user}", $"pen {user}"), (_db.Password($"cyrus{user}"), _db.Password($"ours{user}")));
        // Where Cyrus SASL has OTP's plug-in, it makes a second record for each password that it sets.
        string[] listed = (await CyrusDatabase.ListAsync(_db.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(listed.Length, _db.Form.Verify(default));
        Assert.Equal(199, listed.Count(line => line.EndsWith(": userPassword", StringComparison.Ordinal)));
    }

    [PeerFact("db_dump", "db_verify")]
    public async Task Ten_thousand_users_with_every_kind_of_property_come_back_and_Berkeley_DB_agrees()
    {
        Random random = Seeded();
        var records = TestBerkeley.MakeRecords(random, Population).ToDictionary(
            record => TestBerkeley.Key(record.Key.User, record.Key.Property, record.Key.Realm), record => record.Value);
        foreach (KeyValuePair<byte[], byte[]>[] some in records.Chunk(records.Count / 4))
            _db.Put([.. some.Select(record => (record.Key, record.Value))]);
        await CompareAsync(records);

        byte[][] leaving = [.. records.Keys.Where(_ => random.Next(3) == 0)];
        _db.Form.Write(writer => Assert.All(leaving, key => Assert.True(writer.Remove(key))), default);
        Array.ForEach(leaving, key => records.Remove(key));
        await CompareAsync(records);
    }

    [PeerTheory("db_load", "db_dump", "db_verify")]
    [InlineData(512, "4321", true)]
    [InlineData(512, "1234", false)]
    [InlineData(1024, "1234", true)]
    [InlineData(4096, "4321", false)]
    [InlineData(4096, "1234", true)]
    [InlineData(16384, "4321", true)]
    [InlineData(65536, "1234", false)]
    [InlineData(65536, "4321", true)]
    public async Task A_file_keeps_its_page_size_byte_order_and_checksums(int pageSize, string order, bool checksums)
    {
        Random random = Seeded();
        var records = TestBerkeley.MakeRecords(random, 300).ToDictionary(
            record => TestBerkeley.Key(record.Key.User, record.Key.Property, record.Key.Realm), record => record.Value);
        KeyValuePair<byte[], byte[]>[] later = [.. records.Where(_ => random.Next(2) == 0)];
        await Libdb.LoadAsync(
            _db.Path,
            records.Except(later).Select(record => (record.Key, record.Value)),
            [$"db_pagesize={pageSize}", $"db_lorder={order}", .. checksums ? ["chksum=1"] : Array.Empty<string>()]);
        byte[] before = await File.ReadAllBytesAsync(_db.Path);
        _db.Put([.. later.Select(record => (record.Key, record.Value)), (Encoding.ASCII.GetBytes(new string('k', 3000)), [1])]);
        byte[] after = await File.ReadAllBytesAsync(_db.Path);
        Assert.Equal(before[12..27], after[12..27]);
        Assert.Equal(records.Count + 1, _db.Form.Verify(default));
        await Libdb.VerifyAsync(_db.Path);
        SortedDictionary<string, string> dump = await Libdb.DumpAsync(_db.Path);
        Assert.Equal(records.Count + 1, dump.Count);
        foreach ((byte[] key, byte[] value) in records)
            Assert.Equal(TestBerkeley.Hex(value), dump[TestBerkeley.Hex(key)]);
    }

    [PeerFact("db_load", "db_upgrade", "db_verify")]
    public async Task A_file_of_an_older_Berkeley_DB_stays_one()
    {
        await Libdb.LoadAsync(_db.Path, [(TestBerkeley.Key("alice"), "pencil"u8.ToArray())], "db_lorder=1234", "db_pagesize=4096");
        byte[] file = await File.ReadAllBytesAsync(_db.Path);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 8);
        for (int page = 4096; page < file.Length; page += 4096)
            file[page + 25] = file[page + 25] == BerkeleyLayout.SortedPage ? BerkeleyLayout.UnsortedPage : file[page + 25];
        await File.WriteAllBytesAsync(_db.Path, file);
        _db.Put([.. Enumerable.Range(0, 500).Select(user => (TestBerkeley.Key($"user{user}"), Encoding.ASCII.GetBytes($"secret {user}")))]);
        Assert.Equal(8u, BinaryPrimitives.ReadUInt32LittleEndian((await File.ReadAllBytesAsync(_db.Path)).AsSpan(16)));
        Assert.Equal("secret 77", _db.Password("user77"));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_upgrade", _db.Path));
        await Libdb.VerifyAsync(_db.Path);
        Assert.Equal(501, (await Libdb.DumpAsync(_db.Path)).Count);
        Assert.Equal("secret 77", _db.Password("user77"));
    }

    [Fact]
    public void A_transaction_sees_its_own_changes_and_an_exception_undoes_them()
    {
        byte[] alice = TestBerkeley.Key("alice");
        byte[] bob = TestBerkeley.Key("bob");
        _db.Put((alice, "pencil"u8.ToArray()), (bob, []));
        byte[] before = File.ReadAllBytes(_db.Path);
        Assert.Throws<InvalidTimeZoneException>(() => _db.Form.Write(
            writer =>
            {
                Assert.Equal("pencil"u8.ToArray(), writer.Get(alice)!);
                Assert.Empty(writer.Get(bob)!);
                Assert.True(writer.Remove(alice));
                Assert.False(writer.Remove(alice));
                Assert.Null(writer.Get(alice));
                writer.Put(alice, "new"u8);
                writer.Put(TestBerkeley.Key("alice", "mail"), "m"u8);
                Assert.Equal("new"u8.ToArray(), writer.Get(alice)!);
                Assert.Equal(2, writer.KeysBeginningWith("alice\0"u8.ToArray()).Count);
                Assert.True(writer.Remove(TestBerkeley.Key("alice", "mail")));
                Assert.False(writer.Remove(TestBerkeley.Key("alice", "mail")));
                Assert.Equal([bob], writer.KeysBeginningWith("b"u8.ToArray()));
                throw new InvalidTimeZoneException();
            },
            default));
        Assert.Equal(before, File.ReadAllBytes(_db.Path));
        Assert.False(File.Exists(_db.At(".sasldb2.unfinished")));
        Assert.Equal("pencil", _db.Password("alice"));
        Assert.Equal("", _db.Password("bob"));
    }

    [PeerFact("saslpasswd2")]
    public async Task A_removed_or_replaced_password_is_nowhere_in_the_file_even_if_Cyrus_left_it_there()
    {
        await CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "SECRETONE", TestSasldb.Realm);
        await CyrusDatabase.SetPasswordAsync(_db.Path, "bob", "SECRETTWO", TestSasldb.Realm);
        await RemoveWithCyrusAsync("bob");
        Assert.True((await File.ReadAllBytesAsync(_db.Path)).AsSpan().IndexOf("SECRETTWO"u8) >= 0, "Cyrus erases by now");
        _db.PutPassword("alice", "pencil");
        byte[] file = await File.ReadAllBytesAsync(_db.Path);
        Assert.Equal(-1, file.AsSpan().IndexOf("SECRET"u8));
    }

    [PeerFact("saslpasswd2")]
    public async Task A_change_by_Cyrus_in_the_middle_of_ours_is_kept()
    {
        _db.PutPassword("alice", "pencil");
        int calls = 0;
        _db.Form.Write(
            writer =>
            {
                calls++;
                CyrusDatabase.SetPasswordAsync(_db.Path, "bob", "rubber", TestSasldb.Realm).GetAwaiter().GetResult();
                Assert.NotNull(writer.Get(TestBerkeley.Key("alice")));
                writer.Put(TestBerkeley.Key("carol"), "pen"u8);
            },
            default);
        Assert.Equal(1, calls);
        Assert.Equal(("pencil", "rubber", "pen"), (_db.Password("alice"), _db.Password("bob"), _db.Password("carol")));
        await Libdb.VerifyAsync(_db.Path);
    }

    [PeerFact("saslpasswd2")]
    public async Task A_change_by_Cyrus_of_what_we_read_is_not_overwritten()
    {
        _db.PutPassword("alice", "pencil");
        var changed = Assert.Throws<SasldbException>(() => _db.Form.Write(
            writer =>
            {
                byte[] old = writer.Get(TestBerkeley.Key("alice"))!;
                CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "rubber", TestSasldb.Realm).GetAwaiter().GetResult();
                writer.Put(TestBerkeley.Key("alice"), [.. old, .. "2"u8]);
            },
            default));
        Assert.Equal(SasldbFault.Changed, changed.Fault);
        Assert.Equal("rubber", _db.Password("alice"));
        await Libdb.VerifyAsync(_db.Path);
    }

    [Fact]
    public void Nothing_is_put_in_the_place_of_a_file_that_somebody_has_open_for_writing()
    {
        using var db = new TestBerkeley(options => options with { LockTimeout = TimeSpan.FromMilliseconds(100) });
        db.PutPassword("alice", "pencil");
        using (File.OpenHandle(db.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            Assert.Equal(SasldbFault.Busy, Assert.Throws<SasldbException>(() => db.PutPassword("alice", "x")).Fault);
        db.PutPassword("alice", "rubber");
        Assert.Equal("rubber", db.Password("alice"));
    }

    [PeerFact("setsid")]
    public async Task A_symbolic_link_stays_one_and_other_names_are_not_parted()
    {
        string real = _db.At("real");
        File.CreateSymbolicLink(_db.Path, real);
        _db.PutPassword("alice", "pencil");
        _db.PutPassword("alice", "rubber");
        Assert.Equal(real, new FileInfo(_db.Path).LinkTarget);
        Assert.Equal("rubber", _db.Password("alice"));
        using (var other = new BerkeleyForm(_db.Options with { Path = real }))
            Assert.Equal(1, other.Verify(default));
        Assert.True(File.Exists(real + "-lock"));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", "ln \"$0\" \"$1\"", real, _db.At("second")));
        var refused = Assert.Throws<SasldbException>(() => _db.PutPassword("alice", "x"));
        Assert.Equal(SasldbFault.NotWritable, refused.Fault);
        Assert.Contains("hard links", refused.Message, StringComparison.Ordinal);
        Assert.Equal("rubber", _db.Password("alice"));
    }

    [PeerFact("db_load")]
    public async Task A_listing_has_everybody_who_was_there_all_the_time_once_while_the_table_grows()
    {
        string[] settled = [.. Enumerable.Range(0, 2000).Select(number => $"settled{number}")];
        _db.Put([.. settled.Select(name => (TestBerkeley.Key(name), "x"u8.ToArray()))]);
        var listed = new List<string>();
        byte[]? last = null;
        for (int page = 0; _db.Form.ReadKeys(last) is { Count: > 0 } keys; page++)
        {
            listed.AddRange(keys.Select(key => Encoding.UTF8.GetString(key)));
            last = keys[^1];
            _db.Put([.. Enumerable.Range(0, 1500).Select(number => (TestBerkeley.Key($"guest{page}-{number}"), "y"u8.ToArray()))]);
        }
        Assert.Equal(listed.Distinct(), listed);
        Assert.Equal(
            settled.Select(name => $"{name}\0example.com\0userPassword").Order(StringComparer.Ordinal),
            listed.Where(key => key.StartsWith("settled", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Whole_records_and_states_are_read_as_the_keys_are()
    {
        _db.Put([.. Enumerable.Range(0, 1000).Select(user => (TestBerkeley.Key($"user{user}"), Encoding.ASCII.GetBytes($"secret {user}")))]);
        var found = new List<(string Key, string Value)>();
        byte[]? last = null;
        var before = _db.Form.ReadState();
        while (_db.Form.ReadEntries(last) is { Count: > 0 } entries)
        {
            last = entries[^1].Key.ToArray();
            foreach (SasldbEntry entry in entries)
            {
                found.Add((Encoding.UTF8.GetString(entry.Key.Span), Encoding.UTF8.GetString(entry.Value.Span)));
                entry.Dispose();
            }
        }
        Assert.Equal(TestBerkeley.List(_db.Form).Select(key => Encoding.UTF8.GetString(key)), found.Select(record => record.Key));
        Assert.All(found, record => Assert.Equal("user" + record.Value["secret ".Length..], record.Key[..record.Key.IndexOf('\0', StringComparison.Ordinal)]));
        Assert.Equal(before, _db.Form.ReadState());
        _db.PutPassword("user5", "secret 5");
        Assert.NotEqual(before, _db.Form.ReadState());
    }

    private async Task RemoveWithCyrusAsync(string user) => await PeerProcess.RunSuccessfullyAsync(
        new PeerCommand("saslpasswd2", "-f", _db.Path, "-d", "-u", TestSasldb.Realm, user)
        {
            Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = _db.At(".") },
        });

    private Random Seeded()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private async Task CompareAsync(Dictionary<byte[], byte[]> records)
    {
        foreach ((byte[] key, byte[] value) in records)
        {
            Assert.True(SasldbKey.TrySplit(key, out SaslUser? user, out string? property));
            Assert.Equal(value, TestBerkeley.Find(_db.Form, user.Name, user.Realm, property).Values[0]);
        }
        Assert.Equal(records.Count, _db.Form.Verify(default));
        await Libdb.VerifyAsync(_db.Path);
        SortedDictionary<string, string> dump = await Libdb.DumpAsync(_db.Path);
        Assert.Equal(records.Count, dump.Count);
        foreach ((byte[] key, byte[] value) in records)
            Assert.Equal(TestBerkeley.Hex(value), dump[TestBerkeley.Hex(key)]);
    }
}
