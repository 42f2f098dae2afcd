using Sasl.Sasldb.Records;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>Making a new file of all records of another: whole or not at all.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly TestSasldb _db = new();

    private string Folder => Path.GetDirectoryName(_db.Path)!;

    public void Dispose() => _db.Dispose();

    [Fact]
    public async Task A_copy_has_every_record_and_stands_alone()
    {
        await _db.FillAsync(500);

        Assert.Equal(500, await CopyAsync(_db.At("copy")));

        using var copy = new SasldbStore(_db.At("copy"));
        Assert.Equal(500, await copy.VerifyAsync(default));
        Assert.Equal(TestSasldb.Filling(123), await TestSasldb.GetAsync(copy, TestSasldb.User("user123"), "userPassword"));
        Assert.Equal(["copy", "sasldb2", "sasldb2-lock"], Files());
    }

    [Fact]
    public async Task A_source_that_is_changed_meanwhile_is_read_again()
    {
        await _db.FillAsync(3000);
        int changes = 0;
        var progress = new Reporter(_ =>
        {
            if (changes++ == 0)
                _db.PutAsync("late", "userPassword", "comer").GetAwaiter().GetResult();
        });

        Assert.Equal(3001, await CopyAsync(_db.At("copy"), progress));

        using var copy = new SasldbStore(_db.At("copy"));
        Assert.Equal("comer", await TestSasldb.GetAsync(copy, TestSasldb.User("late"), "userPassword"));
    }

    [Fact]
    public async Task A_source_that_never_rests_is_given_up_and_nothing_is_left()
    {
        await _db.FillAsync(3000);
        int changes = 0;
        var progress = new Reporter(_ => _db.PutAsync("restless", "userPassword", $"{changes++}").GetAwaiter().GetResult());

        SasldbException refused = await Assert.ThrowsAsync<SasldbException>(() => CopyAsync(_db.At("copy"), progress));

        Assert.Equal(SasldbFault.Changed, refused.Fault);
        Assert.Equal(["sasldb2", "sasldb2-lock"], Files());
    }

    [Fact]
    public async Task Cancelling_in_the_middle_leaves_nothing()
    {
        await _db.FillAsync(3000);
        using var cancel = new CancellationTokenSource();
        var progress = new Reporter(_ => cancel.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _db.Store.CopyToNewFileAsync(new SasldbOptions { Path = _db.At("copy") }, false, progress, cancel.Token));

        Assert.Equal(["sasldb2", "sasldb2-lock"], Files());
    }

    [Fact]
    public async Task Somebody_who_makes_a_file_meanwhile_keeps_it()
    {
        await _db.FillAsync(10);
        var progress = new Reporter(_ => File.WriteAllText(_db.At("copy"), "mine"));

        await Assert.ThrowsAsync<SasldbException>(() => CopyAsync(_db.At("copy"), progress));

        Assert.Equal("mine", await File.ReadAllTextAsync(_db.At("copy")));
        Assert.Equal(["copy", "sasldb2", "sasldb2-lock"], Files());
    }

    [SmallDiskFact]
    public async Task A_full_disk_is_said_and_nothing_is_left_on_it()
    {
        await _db.FillAsync(500);
        foreach (SasldbFormat format in Enum.GetValues<SasldbFormat>())
        {
            using SmallDisk disk = SmallDisk.Make(256);

            SasldbException refused = await Assert.ThrowsAsync<SasldbException>(
                () => _db.Store.CopyToNewFileAsync(new SasldbOptions { Path = disk.At("copy"), CreateFormat = format }, false, null, default));

            Assert.Equal(SasldbFault.DiskFull, refused.Fault);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(disk.At("copy"))!));
        }
    }

    [Fact]
    public void The_sum_tells_records_apart_and_not_their_order()
    {
        Assert.True(Sum(("a", "b"), ("c", "d")).Equals(Sum(("c", "d"), ("a", "b"))));
        Assert.False(Sum(("a", "b"), ("c", "d")).Equals(Sum(("a", "d"), ("c", "b"))));
        Assert.False(Sum(("ab", "c")).Equals(Sum(("a", "bc"))));
        Assert.False(Sum(("a", "b")).Equals(Sum(("a", "b"), ("a", "b"))));
        Assert.False(Sum(("", "")).Equals(Sum()));
    }

    private static SasldbRecordSum Sum(params (string Key, string Value)[] records)
    {
        var sum = default(SasldbRecordSum);
        foreach ((string key, string value) in records)
            sum.Add(System.Text.Encoding.ASCII.GetBytes(key), System.Text.Encoding.ASCII.GetBytes(value));
        return sum;
    }

    private Task<long> CopyAsync(string path, IProgress<long>? progress = null) =>
        _db.Store.CopyToNewFileAsync(new SasldbOptions { Path = path }, overwrite: false, progress, default);

    private string[] Files() => [.. Directory.EnumerateFileSystemEntries(Folder).Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>Does something at each report, at once.</summary>
    private sealed class Reporter(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
