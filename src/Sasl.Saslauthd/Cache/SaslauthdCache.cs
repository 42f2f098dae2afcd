using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sasl.Saslauthd;

/// <summary>Remembers logins that a checker has confirmed, for a time: <c>saslauthd -c</c>.</summary>
/// <remarks>
/// <para>It holds neither passwords nor names, only HMAC-SHA-256 of login, password, service and realm together, under a key that this process
/// alone has: whoever reads its memory later can test no guess without the key as well. Its size is fixed when it is made. A failed login
/// leaves nothing; another password of the same user always goes to the checker and, once confirmed, takes the place of the old one.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class SaslauthdCache : IDisposable
{
    /// <summary>The original's size, in kilobytes.</summary>
    public const int DefaultKilobytes = 985;

    /// <summary>The largest size, in kilobytes.</summary>
    public const int MaxKilobytes = 1024 * 1024;

    private const int Ways = 8;              // logins that share a set; the oldest of them gives way
    private const int SetsPerLock = 64;

    private static readonly int s_entrySize = Unsafe.SizeOf<Entry>();

    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(SHA256.HashSizeInBytes, pinned: true);
    private readonly Entry[] _entries;
    private readonly Lock[] _locks;
    private readonly int _sets;
    private readonly TimeProvider _clock;
    private long _hits;
    private long _misses;
    private long _flushes;

    /// <summary>Makes an empty one.</summary>
    /// <param name="kilobytes">The memory it takes; from 1 to <see cref="MaxKilobytes"/>.</param>
    /// <param name="timeout">How long a login is remembered; null is <see cref="DefaultTimeout"/>.</param>
    /// <param name="clock">The time.</param>
    public SaslauthdCache(int kilobytes = DefaultKilobytes, TimeSpan? timeout = null, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kilobytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kilobytes, MaxKilobytes);
        Timeout = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero, nameof(timeout));
        _clock = clock ?? TimeProvider.System;
        _sets = (int)Math.Max(1, kilobytes * 1024L / (s_entrySize * Ways));
        _entries = new Entry[_sets * Ways];
        _locks = new Lock[(_sets + SetsPerLock - 1) / SetsPerLock];
        for (int i = 0; i < _locks.Length; i++)
            _locks[i] = new Lock();
        RandomNumberGenerator.Fill(_key);
    }

    /// <summary>The original's time: eight hours.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(28_800);

    /// <summary>How long a login is remembered.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>How often it was emptied; what was asked before belongs to an earlier generation and is not remembered any more.</summary>
    internal long Generation => Interlocked.Read(ref _flushes);

    /// <summary>What it has done so far.</summary>
    public SaslauthdCacheStatistics Statistics => new(
        _entries.Length, Count(), Timeout, Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _flushes));

    /// <summary>Forgets every login.</summary>
    public void Flush()
    {
        // First the count: a check that began before must not be remembered behind this.
        Interlocked.Increment(ref _flushes);
        for (int set = 0; set < _sets; set++)
        {
            lock (LockOf(set))
                EntriesOf(set).Clear();
        }
    }

    /// <summary>Erases the key and forgets every login.</summary>
    public void Dispose()
    {
        Flush();
        CryptographicOperations.ZeroMemory(_key);
    }

    /// <summary>Makes the key of a login.</summary>
    /// <param name="user">What names the user, without the password.</param>
    /// <param name="login">Everything, with the password, in a form that cannot be read in two ways.</param>
    /// <param name="client">The client's address without its port, where it is known: a checker may let a user in from there alone.</param>
    internal SaslauthdCacheKey KeyOf(in UserParts user, ReadOnlySpan<byte> login, string? client = null)
    {
        var names = default(HashCode);    // another seed in every process
        names.Add(user.Login.Length);
        names.AddBytes(user.Login);
        names.Add(user.Realm.Length);
        names.AddBytes(user.Realm);
        names.AddBytes(user.Service);
        var key = new SaslauthdCacheKey { User = names.ToHashCode() };
        HMACSHA256.HashData(_key, login, key.Proof);
        if (client is not null)
        {
            Span<byte> both = stackalloc byte[SHA256.HashSizeInBytes + SaslauthdWire.MaxFieldLength];
            key.ReadProof.CopyTo(both);
            int length = SHA256.HashSizeInBytes + System.Text.Encoding.UTF8.GetBytes(client, both[SHA256.HashSizeInBytes..]);
            HMACSHA256.HashData(_key, both[..length], key.Proof);
        }
        return key;
    }

    /// <summary>Whether this login was confirmed within <see cref="Timeout"/>. Counts as a hit or a miss.</summary>
    internal bool Contains(in SaslauthdCacheKey key)
    {
        bool hit = Find(key);
        Interlocked.Increment(ref hit ? ref _hits : ref _misses);
        SaslauthdTelemetry.LookedUp(hit);
        return hit;
    }

    /// <summary>Remembers a login that the checker has just confirmed, in the place of the user's earlier one.</summary>
    /// <param name="key">The login.</param>
    /// <param name="generation">What <see cref="Generation"/> was before the checker was asked.</param>
    internal void Remember(in SaslauthdCacheKey key, long generation)
    {
        int set = SetOf(key);
        long now = _clock.GetTimestamp();
        lock (LockOf(set))
        {
            if (generation != Generation)
                return;
            Span<Entry> entries = EntriesOf(set);
            int place = 0;
            for (int i = 0; i < Ways; i++)
            {
                if (entries[i].IsUsed && entries[i].User == key.User)
                {
                    place = i;
                    break;
                }
                if (Age(entries[i], now) > Age(entries[place], now))
                    place = i;
            }
            entries[place] = new Entry { IsUsed = true, User = key.User, Since = now };
            key.ReadProof.CopyTo(entries[place].Proof);
        }
    }

    /// <summary>Forgets what is remembered of a user, whatever the password: the checker does not know the account any more.</summary>
    internal void Forget(in SaslauthdCacheKey key)
    {
        int set = SetOf(key);
        lock (LockOf(set))
        {
            foreach (ref Entry entry in EntriesOf(set))
            {
                if (entry.User == key.User)
                    entry = default;
            }
        }
    }

    /// <summary>How long each login is still remembered, the longest first.</summary>
    internal List<TimeSpan> Remaining()
    {
        List<TimeSpan> remaining = [];
        long now = _clock.GetTimestamp();
        for (int set = 0; set < _sets; set++)
        {
            lock (LockOf(set))
            {
                foreach (ref readonly Entry entry in EntriesOf(set))
                {
                    if (IsAlive(entry, now))
                        remaining.Add(Timeout - _clock.GetElapsedTime(entry.Since, now));
                }
            }
        }
        remaining.Sort(static (one, other) => other.CompareTo(one));
        return remaining;
    }

    private bool Find(in SaslauthdCacheKey key)
    {
        int set = SetOf(key);
        long now = _clock.GetTimestamp();
        lock (LockOf(set))
        {
            foreach (ref Entry entry in EntriesOf(set))
            {
                if (entry.User == key.User && IsAlive(entry, now) && CryptographicOperations.FixedTimeEquals(entry.Proof, key.ReadProof))
                    return true;
            }
        }
        return false;
    }

    private int Count()
    {
        int count = 0;
        long now = _clock.GetTimestamp();
        for (int set = 0; set < _sets; set++)
        {
            lock (LockOf(set))
            {
                foreach (ref readonly Entry entry in EntriesOf(set))
                    count += IsAlive(entry, now) ? 1 : 0;
            }
        }
        return count;
    }

    private bool IsAlive(in Entry entry, long now) => entry.IsUsed && _clock.GetElapsedTime(entry.Since, now) < Timeout;

    private TimeSpan Age(in Entry entry, long now) => entry.IsUsed ? _clock.GetElapsedTime(entry.Since, now) : TimeSpan.MaxValue;

    private int SetOf(in SaslauthdCacheKey key) => (int)((uint)key.User % (uint)_sets);

    private Lock LockOf(int set) => _locks[set / SetsPerLock];

    private Span<Entry> EntriesOf(int set) => _entries.AsSpan(set * Ways, Ways);

    /// <summary>The octets that name a user.</summary>
    internal readonly ref struct UserParts
    {
        public required ReadOnlySpan<byte> Login { get; init; }

        public required ReadOnlySpan<byte> Realm { get; init; }

        public required ReadOnlySpan<byte> Service { get; init; }
    }

    private struct Entry
    {
        private SaslauthdCacheKey.Octets _proof;

        public bool IsUsed;
        public int User;
        public long Since;

        [UnscopedRef]
        public Span<byte> Proof => _proof;
    }
}
