using System.Text;
using BenchmarkDotNet.Attributes;
using Sasl.Sasldb;

namespace Sasl.Benchmarks;

/// <summary>
/// One user's password looked up in a sasldb that is in the system's cache, in each form; beside libsasl2, which opens and closes the file
/// for every property, on the same Berkeley DB file.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class SasldbBenchmarks : IDisposable
{
    private const int Sample = 4096;
    private const int PerTransaction = 1_000_000;

    // A file that was written a moment ago costs a lookup more.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(4);
    private static readonly SaslProperty s_password = SaslProperty.UserPassword;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sasl-sasldb-bench-");
    private readonly SaslUser[] _users = new SaslUser[Sample];
    private readonly string[] _names = new string[Sample];
    private readonly string[] _passwords = new string[Sample];
    private SasldbStore _store = null!;
    private int _next;

    /// <summary>How many users the file has.</summary>
    [Params(10, 10_000, 1_000_000)]
    public int Users { get; set; }

    /// <summary>Makes the file.</summary>
    [GlobalSetup(Target = nameof(LookUpInLmdb))]
    public Task MakeLmdbAsync() => MakeAsync(SasldbFormat.Lmdb);

    /// <summary>Makes the file.</summary>
    [GlobalSetup(Target = nameof(LookUpInBerkeley))]
    public Task MakeBerkeleyAsync() => MakeAsync(SasldbFormat.Berkeley);

    /// <summary>Makes the file.</summary>
    [GlobalSetup(Target = nameof(LookUpInGdbm))]
    public Task MakeGdbmAsync() => MakeAsync(SasldbFormat.Gdbm);

    /// <summary>Makes the file, and starts libsasl2 on it.</summary>
    [GlobalSetup(Targets = [nameof(UserExistsInLibsasl2), nameof(CheckPasswordInLibsasl2), nameof(ConnectionOfLibsasl2)])]
    public async Task MakeForLibsasl2Async()
    {
        await MakeAsync(SasldbFormat.Berkeley);
        Libsasl2.Start(_store.Path);
    }

    /// <summary>libsasl2: a connection, one user looked up, the connection disposed.</summary>
    [Benchmark(Baseline = true)]
    public void UserExistsInLibsasl2() => Require(Libsasl2.Exists(_names[Next()]));

    /// <summary>libsasl2: a connection, one password checked, the connection disposed.</summary>
    [Benchmark]
    public void CheckPasswordInLibsasl2()
    {
        int next = Next();
        Require(Libsasl2.IsRight(_names[next], _passwords[next]));
    }

    /// <summary>libsasl2: what is to be taken off the other two.</summary>
    [Benchmark]
    public void ConnectionOfLibsasl2() => Libsasl2.MakeConnection();

    /// <summary>This library, LMDB.</summary>
    [Benchmark]
    public void LookUpInLmdb() => LookUp();

    /// <summary>This library, Berkeley DB.</summary>
    [Benchmark]
    public void LookUpInBerkeley() => LookUp();

    /// <summary>This library, GDBM.</summary>
    [Benchmark]
    public void LookUpInGdbm() => LookUp();

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _store?.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static void Require(bool found)
    {
        if (!found)
            throw new InvalidOperationException("A user who is there was not found.");
    }

    private void LookUp()
    {
        using var password = new PropertySet(s_password);
        ValueTask<bool> lookup = _store.LookupAsync(_users[Next()], password, default);
        Require(lookup.IsCompletedSuccessfully && lookup.Result && password.Count == 1);
    }

    private int Next() => _next = (_next + 1) % Sample;

    private async Task MakeAsync(SasldbFormat format)
    {
        _store = new SasldbStore(new SasldbOptions
        {
            Path = Path.Combine(_folder.FullName, "sasldb2"),
            CreateFormat = format,
            DefaultRealm = "example.com",
        });
        foreach (int[] some in Enumerable.Range(0, Users).Chunk(PerTransaction))
            await _store.StoreAllAsync(some.Select(static user => (User(user), Password(user))), default);
        var random = new Random(Users);
        for (int sample = 0; sample < Sample; sample++)
        {
            int user = random.Next(Users);
            (_users[sample], _names[sample], _passwords[sample]) = (User(user), $"user{user}@example.com", $"secret of {user}");
        }
        LookUp();
        await Task.Delay(s_settling);
        LookUp();
        Require(_store.DetectFormat() == format);
    }

    private static SaslUser User(int number) => new($"user{number}", "example.com");

    private static IReadOnlyList<SaslPropertyValue> Password(int number) =>
        [new SaslPropertyValue(s_password.Name, Encoding.UTF8.GetBytes($"secret of {number}"))];
}
