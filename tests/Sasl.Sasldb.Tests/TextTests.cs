using System.Text;
using Sasl.Sasldb.Text;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>The text form: what is written, what is read, what is refused, and that the tools of both databases read it as it was meant.</summary>
public sealed class TextTests(ITestOutputHelper output) : IDisposable
{
    private const string Secret = "hunter2";

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("sasldb-text");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_record_is_two_lines_that_can_be_read()
    {
        string text = await WriteAsync([("alice\0example.com\0userPassword"u8.ToArray(), "p\\n c\u00e9 "u8.ToArray()), ("b\0\0x"u8.ToArray(), [])]);

        Assert.Equal(
            """
            VERSION=3
            format=print
            type=btree
            HEADER=END
             alice\00example.com\00userPassword
             p\5cn c\c3\a9\20
             b\00\00x
            @
            DATA=END

            """.Replace("@", " ", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task Every_octet_of_keys_and_values_comes_back()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        (byte[], byte[])[] records = [.. MakeRecords(new Random(seed), 2000)];

        string text = await WriteAsync(records);

        Assert.Equal(Hex(records), Hex(await ReadAsync(text)));
        Assert.All(text, static character => Assert.True(character is '\n' or (>= ' ' and <= '~')));
    }

    [Fact]
    public async Task The_longest_key_and_value_come_back_in_pieces_of_any_length()
    {
        byte[] key = [.. Enumerable.Repeat((byte)0xFF, SasldbText.MaxKeyLength)];
        byte[] value = new byte[SasldbText.MaxValueLength];
        string text = await WriteAsync([(key, value), ("after"u8.ToArray(), "x"u8.ToArray())]);

        using var trickle = new TrickleStream(Encoding.ASCII.GetBytes(text), 4093);
        using var reader = new SasldbTextReader(trickle);

        Assert.True(await reader.ReadAsync(default));
        Assert.True(reader.Key.Span.SequenceEqual(key) && reader.Value.Span.SequenceEqual(value));
        Assert.True(await reader.ReadAsync(default));
        Assert.Equal("after", Encoding.ASCII.GetString(reader.Key.Span));
        Assert.False(await reader.ReadAsync(default));
        Assert.False(await reader.ReadAsync(default));
    }

    [Fact]
    public async Task An_octet_at_a_time_is_enough()
    {
        string text = await WriteAsync([("a\0r\0p"u8.ToArray(), "v"u8.ToArray())]);
        using var trickle = new TrickleStream(Encoding.ASCII.GetBytes(text), 1);
        using var reader = new SasldbTextReader(trickle);

        Assert.True(await reader.ReadAsync(default));
        Assert.False(await reader.ReadAsync(default));
    }

    [Fact]
    public async Task What_is_too_long_for_any_form_is_neither_written_nor_read()
    {
        using var writer = new SasldbTextWriter(Stream.Null);
        await Assert.ThrowsAsync<ArgumentException>(() => writer.WriteAsync(new byte[SasldbText.MaxKeyLength + 1], default, default).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => writer.WriteAsync(default, new byte[SasldbText.MaxValueLength + 1], default).AsTask());

        string print = "VERSION=3\nformat=print\nHEADER=END\n";
        Assert.Equal(4, (await RefuseAsync($"{print} {new string('k', SasldbText.MaxKeyLength + 1)}\n v\nDATA=END\n")).LineNumber);
        Assert.Equal(5, (await RefuseAsync($"{print} k\n {new string('v', SasldbText.MaxValueLength + 1)}\nDATA=END\n")).LineNumber);
        Assert.Equal(5, (await RefuseAsync($"{print} k\n {new string('v', SasldbText.MaxLineLength * 2)}")).LineNumber);
        Assert.Equal(5, (await RefuseAsync($"{print.Replace("print", "bytevalue", StringComparison.Ordinal)} 00\n {new string('0', (2 * SasldbText.MaxValueLength) + 2)}\nDATA=END\n")).LineNumber);
    }

    [Theory]
    [InlineData("\\\\", "5c")]
    [InlineData("\\5C\\5c", "5c5c")]
    [InlineData("\\C3\\a9", "c3a9")]
    [InlineData("\u00e9", "c3a9")]
    [InlineData("\\\\41", "5c3431")]
    [InlineData(" ", "20")]
    public async Task Print_is_read_in_every_way_in_which_it_is_written(string written, string octets)
    {
        (_, byte[] value) = Assert.Single(await ReadAsync($"VERSION=3\nformat=print\ntype=hash\nh_nelem=1\ndb_pagesize=4096\nHEADER=END\n k\n {written}\nDATA=END\n"));
        Assert.Equal(octets, Convert.ToHexStringLower(value));
    }

    /// <summary>No complaint contains what the text says: the secret stands in each.</summary>
    [Theory]
    [InlineData(1, "VERSION=3 is expected", "")]
    [InlineData(1, "VERSION=3", "hunter2\n")]
    [InlineData(1, "VERSION=3", "VERSION=2\nhunter2")]
    [InlineData(1, "cut off", "VERSION=3hunter2")]
    [InlineData(1, "gdbm_dump", "# GDBM dump file created by hunter2\n")]
    [InlineData(2, "HEADER=END is expected", "VERSION=3\n")]
    [InlineData(2, "header", "VERSION=3\nhunter2\n")]
    [InlineData(2, "format=print or format=bytevalue", "VERSION=3\nformat=hunter2\n")]
    [InlineData(2, "before HEADER=END", "VERSION=3\nHEADER=END\n hunter2\n")]
    [InlineData(3, "type=hash or type=btree", "VERSION=3\nformat=print\ntype=recno\n hunter2\n")]
    [InlineData(3, "keys=1", "VERSION=3\nformat=print\nkeys=0\n hunter2\n")]
    [InlineData(3, "duplicates", "VERSION=3\nformat=print\nduplicates=1\n hunter2\n")]
    [InlineData(4, "mdb_dump without -p", "VERSION=3\nformat=print\nmapsize=1048576\nHEADER=END\n hunter2\n")]
    [InlineData(4, "a key or DATA=END", "VERSION=3\nformat=print\nHEADER=END\n")]
    [InlineData(4, "begins with a blank", "VERSION=3\nformat=print\nHEADER=END\nhunter2\n")]
    [InlineData(4, "begins with a blank", "VERSION=3\nformat=print\nHEADER=END\n\n hunter2\n")]
    [InlineData(5, "value of the key before", "VERSION=3\nformat=print\nHEADER=END\n hunter2\n")]
    [InlineData(5, "value of the key before", "VERSION=3\nformat=print\nHEADER=END\n hunter2\nDATA=END\n")]
    [InlineData(5, "cut off", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2")]
    [InlineData(5, "CR and LF", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\r\n")]
    [InlineData(5, "control characters", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\thunter2\n")]
    [InlineData(5, "backslash", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\\\n")]
    [InlineData(5, "backslash", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\\4\n")]
    [InlineData(5, "backslash", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\\4g\n")]
    [InlineData(5, "even number", "VERSION=3\nformat=bytevalue\nHEADER=END\n 6b\n 616\nDATA=END\n")]
    [InlineData(5, "only hexadecimal", "VERSION=3\nformat=bytevalue\nHEADER=END\n 6b\n hunter22\nDATA=END\n")]
    [InlineData(6, "cut off", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\n")]
    [InlineData(6, "cut off", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\nDATA=END")]
    [InlineData(7, "after DATA=END", "VERSION=3\nformat=print\nHEADER=END\n k\n hunter2\nDATA=END\nVERSION=3\n")]
    public async Task A_complaint_names_the_line_and_what_was_expected_and_nothing_of_the_text(long line, string expected, string text)
    {
        SasldbTextException refused = await RefuseAsync(text);

        Assert.Equal(line, refused.LineNumber);
        Assert.StartsWith($"line {line}: ", refused.Message);
        Assert.Contains(expected, refused.Message);
        Assert.DoesNotContain(Secret, refused.ToString());
    }

    [Fact]
    public async Task A_header_without_end_is_given_up()
    {
        string endless = "VERSION=3\n" + string.Concat(Enumerable.Repeat("mapaddr=0\n", 10_000));
        Assert.Equal(SasldbText.MaxHeaderLines + 1, (await RefuseAsync(endless)).LineNumber);
    }

    [Fact]
    public async Task A_text_cut_off_anywhere_is_refused()
    {
        string text = await WriteAsync([("a\0r\0p"u8.ToArray(), "v\0"u8.ToArray()), ("b\0r\0p"u8.ToArray(), [])]);
        for (int length = 0; length < text.Length; length++)
            await RefuseAsync(text[..length]);
    }

    [Fact]
    public async Task A_text_with_any_octet_changed_is_refused_or_read_and_never_anything_else()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] text = Encoding.ASCII.GetBytes(await WriteAsync([.. MakeRecords(random, 20)]));
        for (int round = 0; round < 2000; round++)
        {
            byte[] changed = [.. text];
            for (int change = random.Next(4); change >= 0; change--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            using var reader = new SasldbTextReader(new MemoryStream(changed));
            try
            {
                while (await reader.ReadAsync(default))
                    Assert.InRange(reader.Value.Length, 0, text.Length);
            }
            catch (SasldbTextException refused)
            {
                Assert.InRange(refused.LineNumber, 1, 60);
            }
        }
    }

    [Fact]
    public async Task A_complete_text_takes_no_more()
    {
        using var writer = new SasldbTextWriter(Stream.Null);
        await writer.CompleteAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(default, default, default).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync(default).AsTask());
    }

    [PeerFact("mdb_load", "mdb_dump")]
    public async Task Mdb_load_reads_the_text_and_mdb_dump_writes_what_is_read()
    {
        string at = await WriteFileAsync(out (byte[] Key, byte[] Value)[] records);

        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_load", "-n", "-f", at, _folder.At("lmdb")));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_dump", "-n", "-f", _folder.At("dump"), _folder.At("lmdb")));

        Assert.Equal(Hex(records).Order(), Hex(await ReadAsync(await File.ReadAllTextAsync(_folder.At("dump"), Encoding.Latin1))).Order());
    }

    [PeerTheory("db_load", "db_dump", "db_verify")]
    [InlineData("-p")]
    [InlineData()]
    public async Task Db_load_reads_the_text_and_db_dump_writes_what_is_read(params string[] flags)
    {
        string at = await WriteFileAsync(out (byte[] Key, byte[] Value)[] records);

        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_load", "-t", "hash", "-f", at, _folder.At("bdb")));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_verify", _folder.At("bdb")));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_dump", [.. flags, "-f", _folder.At("dump"), _folder.At("bdb")]));

        Assert.Equal(Hex(records).Order(), Hex(await ReadAsync(await File.ReadAllTextAsync(_folder.At("dump"), Encoding.Latin1))).Order());
    }

    private static IEnumerable<(byte[] Key, byte[] Value)> MakeRecords(Random random, int count)
    {
        for (int number = 0; number < count; number++)
        {
            byte[] key = new byte[random.Next(1, 100)];
            byte[] value = new byte[random.Next(8) == 0 ? 0 : random.Next(300)];
            random.NextBytes(key);
            random.NextBytes(value);
            yield return ([.. BitConverter.GetBytes(number), .. key], value);
        }
    }

    private static IEnumerable<string> Hex(IEnumerable<(byte[] Key, byte[] Value)> records) =>
        records.Select(static record => $"{Convert.ToHexString(record.Key)} {Convert.ToHexString(record.Value)}");

    private static async Task<string> WriteAsync((byte[] Key, byte[] Value)[] records)
    {
        using var stream = new MemoryStream();
        using var writer = new SasldbTextWriter(stream);
        foreach ((byte[] key, byte[] value) in records)
            await writer.WriteAsync(key, value, default);
        await writer.CompleteAsync(default);
        Assert.Equal(records.Length, writer.Count);
        return Encoding.ASCII.GetString(stream.ToArray());
    }

    private static async Task<List<(byte[] Key, byte[] Value)>> ReadAsync(string text)
    {
        using var reader = new SasldbTextReader(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        List<(byte[], byte[])> records = [];
        while (await reader.ReadAsync(default))
            records.Add((reader.Key.ToArray(), reader.Value.ToArray()));
        return records;
    }

    private static Task<SasldbTextException> RefuseAsync(string text) => Assert.ThrowsAsync<SasldbTextException>(() => ReadAsync(text));

    private Task<string> WriteFileAsync(out (byte[] Key, byte[] Value)[] records)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        byte[] all = [.. Enumerable.Range(0, 256).Select(static octet => (byte)octet)];
        (byte[], byte[])[] made = records = [.. MakeRecords(new Random(seed), 500), (all, all), ("slash\\"u8.ToArray(), "\\41\\\\ "u8.ToArray())];
        return WriteAsync();

        async Task<string> WriteAsync() => _folder.Write("text", await TextTests.WriteAsync(made));
    }

    /// <summary>Gives a few octets at a time.</summary>
    private sealed class TrickleStream(byte[] octets, int most) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}
