using System.Buffers.Binary;
using System.Text;
using Sasl.Sasldb.Berkeley;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>
/// Damaged files. Whatever is done with them ends soon, in an answer or in an exception. Without checksums a flipped bit in a password is
/// another password, and a chain of pages that ends early or a page of zeros hides who is there (FlippedBitTests has which bits may do what); nothing else gives
/// a wrong answer. With checksums no answer may be wrong. Two things not even they reveal, and so are not tried with them: that page 0 says
/// there are none, and a page of zeros, which an empty bucket may have.
/// </summary>
public sealed class BrokenFileTests(ITestOutputHelper output) : IDisposable
{
    private const int Mutations = 1500;
    private const int Users = 150;
    private const long MostAllocated = 16 * 1024 * 1024;
    private const int PageSize = 1024;

    private readonly TestBerkeley _db = new(options => options with { Clock = new LaterClock() });

    private enum Mutation
    {
        FlipBits,
        CopyPage,
        RandomPage,
        WrongLink,
        WrongItem,
    }

    public void Dispose() => _db.Dispose();

    [PeerFact("db_load")]
    public async Task A_file_truncated_anywhere_is_refused()
    {
        byte[] whole = await MakeAsync();
        Random random = Seeded();
        IEnumerable<int> lengths = Enumerable.Range(1, (whole.Length / PageSize) - 1).Select(page => page * PageSize)
            .Concat(Enumerable.Range(0, 60).Select(_ => random.Next(1, whole.Length))).Concat([1, 63, 64, 511, 512, 513, whole.Length - 1]);
        foreach (int length in lengths)
        {
            File.WriteAllBytes(_db.Path, whole[..length]);
            using var form = new BerkeleyForm(_db.Options);
            foreach (Action use in (Action[])[() => TestBerkeley.Find(form, "user3", TestSasldb.Realm, "userPassword"), () => form.Verify(default), () => Put(form, "x")])
                Assert.Equal(SasldbFault.Damaged, Assert.Throws<SasldbException>(use).Fault);
            Assert.Equal(length, new FileInfo(_db.Path).Length);
        }
        File.WriteAllBytes(_db.Path, []);
        Assert.Equal(SasldbFault.Empty, Assert.Throws<SasldbException>(() => _db.Password("user3")).Fault);
        _db.PutPassword("alice", "pencil");
        Assert.Equal("pencil", _db.Password("alice"));
    }

    [PeerTheory("db_load")]
    [InlineData("1234", false)]
    [InlineData("4321", false)]
    [InlineData("1234", true)]
    [InlineData("4321", true)]
    public async Task A_damaged_file_ends_in_an_answer_or_in_an_exception(string order, bool checksums)
    {
        byte[] whole = await MakeAsync([$"db_lorder={order}", .. checksums ? ["chksum=1"] : Array.Empty<string>()]);
        Random random = Seeded();
        int right = 0;
        int refused = 0;
        int wrong = 0;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] broken = Break(whole, random, order == "4321", checksums, out Mutation kind);
            File.WriteAllBytes(_db.Path, broken);
            using var form = new BerkeleyForm(_db.Options);
            for (int lookup = 0; lookup < 5; lookup++)
            {
                int user = random.Next(Users);
                string? found = TryFind(form, $"user{user}");
                right += found == Value(user) ? 1 : 0;
                refused += found is null ? 1 : 0;
                if (found is null || found == Value(user))
                    continue;
                wrong++;
                Assert.False(checksums, $"{kind}: a wrong answer in spite of checksums");
                Assert.True(MayHide(kind, whole, broken, found), $"{kind}: a wrong answer of {found.Length} octets");
            }
            long before = GC.GetAllocatedBytesForCurrentThread();
            OnlySasldbExceptions(() => TestBerkeley.List(form));
            OnlySasldbExceptions(() => form.Verify(default));
            if (mutation % 10 == 0)
            {
                OnlySasldbExceptions(() => Put(form, new string('x', 2500)));
                OnlySasldbExceptions(() => form.Write(writer => _ = writer.KeysBeginningWith("user9"u8.ToArray()).Count(key => writer.Remove(key)), default));
                OnlySasldbExceptions(() => form.Verify(default));
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        }
        output.WriteLine($"{right} right answers, {refused} exceptions, {wrong} wrong answers");
        Assert.True(right > Mutations && refused > Mutations / 10, $"{right} right answers, {refused} exceptions");
        Assert.InRange(wrong, 0, Mutations / 20);
    }

    [PeerTheory("db_load")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chain_of_pages_that_bites_its_tail_is_refused(bool ofLongValue)
    {
        byte[] whole = await MakeAsync("db_lorder=1234");
        int refused = 0;
        for (int page = PageSize; page < whole.Length; page += PageSize)
        {
            bool isLong = whole[page + 25] == BerkeleyLayout.LongPage;
            bool hasRecords = whole[page + 25] == BerkeleyLayout.SortedPage && whole[page + 20] != 0;
            if (!(ofLongValue ? isLong : hasRecords))
                continue;
            byte[] broken = [.. whole];
            // Leads to itself, and even says that it comes from itself.
            BinaryPrimitives.WriteInt32LittleEndian(broken.AsSpan(page + 16), page / PageSize);
            if (page / PageSize % 2 == 0)
                BinaryPrimitives.WriteInt32LittleEndian(broken.AsSpan(page + 12), page / PageSize);
            File.WriteAllBytes(_db.Path, broken);
            using var form = new BerkeleyForm(_db.Options);
            Assert.Equal(SasldbFault.Damaged, Assert.Throws<SasldbException>(() => form.Verify(default)).Fault);
            Assert.Equal(SasldbFault.Damaged, Assert.Throws<SasldbException>(() => Put(form, "x")).Fault);
            for (int user = 0; user < Users; user++)
                refused += TryFind(form, $"user{user}") is null ? 1 : 0;
            Assert.Equal(broken, File.ReadAllBytes(_db.Path));
        }
        Assert.NotEqual(0, refused);
    }

    [PeerTheory("db_load")]
    [InlineData(20, 0u)]
    [InlineData(20, 256u)]
    [InlineData(20, 4097u)]
    [InlineData(20, 131072u)]
    [InlineData(20, 0x80000000u)]
    [InlineData(32, 0xFFFFFFFFu)]
    [InlineData(72, 0xFFFFFFFFu)]
    [InlineData(72, 0u)]
    [InlineData(76, 0xFFFFFFFFu)]
    [InlineData(76, 5u)]
    [InlineData(80, 0x7FFFFFFFu)]
    [InlineData(96, 0u)]
    [InlineData(96, 0xFFFFFFFFu)]
    [InlineData(104, 0x7FFFFFFFu)]
    [InlineData(8, 1u)]
    public async Task An_impossible_number_on_the_first_page_is_damage(int place, uint number)
    {
        byte[] file = await MakeAsync("db_lorder=1234");
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(place), number);
        await File.WriteAllBytesAsync(_db.Path, file);
        Assert.Equal(SasldbFault.Damaged, Assert.Throws<SasldbException>(() => _db.Password("user3")).Fault);
        Assert.Equal(SasldbFault.Damaged, Assert.Throws<SasldbException>(() => _db.PutPassword("user3", "x")).Fault);
        Assert.Equal(file, await File.ReadAllBytesAsync(_db.Path));
    }

    private static string Value(int user) => $"secret of {user}" + new string('.', user % 9 == 0 ? 1500 + user : user);

    private static byte[] Break(byte[] whole, Random random, bool isBigEndian, bool checksums, out Mutation kind)
    {
        byte[] broken = [.. whole];
        int pages = whole.Length / PageSize;
        int page = random.Next(pages) * PageSize;
        kind = (Mutation)random.Next(5);
        switch (kind)
        {
            case Mutation.FlipBits:
                for (int flips = random.Next(1, 4); flips > 0; flips--)
                {
                    int place = random.Next(3) switch { 0 => random.Next(224), 1 => page + random.Next(60), _ => random.Next(whole.Length) };
                    broken[place] ^= (byte)(1 << random.Next(8));
                }
                break;
            case Mutation.CopyPage:
                whole.AsSpan(random.Next(pages) * PageSize, PageSize).CopyTo(broken.AsSpan(page));
                break;
            case Mutation.RandomPage:
                random.NextBytes(broken.AsSpan(page + (random.Next(2) * 26), PageSize - 26));
                break;
            case Mutation.WrongLink:
                Put(broken.AsSpan(page + (random.Next(2) == 0 ? 12 : 16)), (uint)random.Next(-1, pages + 2), isBigEndian);
                break;
            case Mutation.WrongItem:
                random.NextBytes(broken.AsSpan(page + 20, 4 + (2 * random.Next(8))));
                break;
        }
        if (checksums)
        {
            broken[26] = whole[26];
            if (broken.AsSpan(page, PageSize).IndexOfAnyExcept((byte)0) < 0)
                whole.AsSpan(page, PageSize).CopyTo(broken.AsSpan(page));
        }
        return broken;
    }

    // Bits of the record itself; noise in a page that holds a part of a value and nothing else; a chain that ends early, and a page of zeros,
    // which is an empty bucket's.
    private static bool MayHide(Mutation kind, byte[] whole, byte[] broken, string found)
    {
        int[] changed = [.. Enumerable.Range(0, whole.Length / PageSize).Where(page => !Page(whole, page).SequenceEqual(Page(broken, page)))];
        return kind switch
        {
            Mutation.FlipBits => true,
            Mutation.WrongLink => found.Length == 0,
            Mutation.RandomPage => changed.All(page => Page(whole, page)[25] == BerkeleyLayout.LongPage),
            Mutation.CopyPage => found.Length == 0 && changed.All(page => Page(broken, page).IndexOfAnyExcept((byte)0) < 0),
            Mutation.WrongItem => false,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static ReadOnlySpan<byte> Page(byte[] file, int page) => file.AsSpan(page * PageSize, PageSize);

    private static void Put(Span<byte> place, uint number, bool isBigEndian)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(place, number);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(place, number);
    }

    private static void Put(BerkeleyForm form, string password) =>
        form.Write(writer => writer.Put(TestBerkeley.Key("user5"), Encoding.ASCII.GetBytes(password)), default);

    private static void OnlySasldbExceptions(Action use)
    {
        try
        {
            use();
        }
        catch (SasldbException refused)
        {
            Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        }
    }

    // The password; "" for nobody; null when the file cannot be read.
    private static string? TryFind(BerkeleyForm form, string user)
    {
        try
        {
            return TestBerkeley.Find(form, user, TestSasldb.Realm, "userPassword").Values[0] is { } value ? Encoding.UTF8.GetString(value) : "";
        }
        catch (SasldbException refused)
        {
            Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
            return null;
        }
    }

    private Random Seeded()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    // With second pages, long values and long keys.
    private async Task<byte[]> MakeAsync(params string[] settings)
    {
        await Libdb.LoadAsync(
            _db.Path,
            [
                .. Enumerable.Range(0, Users).Select(user => (TestBerkeley.Key($"user{user}"), Encoding.ASCII.GetBytes(Value(user)))),
                .. Enumerable.Range(0, 10).Select(number => (Encoding.ASCII.GetBytes(new string('k', 400 + number) + "\0realm\0x"), new byte[10])),
            ],
            [$"db_pagesize={PageSize}", .. settings]);
        return await File.ReadAllBytesAsync(_db.Path);
    }
}
