using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The keys one client has derived from its password and a server has proved to be right, by hash, salt and iteration count.</summary>
/// <remarks>A relay that logs in all day derives them once (RFC 5802 section 5.1 allows it). Thread-safe; erased when its client is disposed.</remarks>
internal sealed class ScramKeyCache : IDisposable
{
    /// <summary>How many are kept. A client has one for each of its user's salts, seldom more than one or two.</summary>
    public const int MaxEntries = 8;

    private readonly Lock _lock = new();
    private readonly Entry?[] _entries = new Entry?[MaxEntries];
    private int _next;
    private bool _disposed;

    private sealed record Entry(ScramHash Hash, byte[] Salt, int Iterations, byte[] Keys);

    /// <summary>Looks for keys and copies them.</summary>
    /// <param name="hash">The hash function.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">The iteration count.</param>
    /// <param name="keys">Receives ClientKey and ServerKey, one behind the other.</param>
    public bool TryCopy(ScramHash hash, ReadOnlySpan<byte> salt, int iterations, Span<byte> keys)
    {
        lock (_lock)
        {
            if (Find(hash, salt, iterations) is not { } entry)
                return false;
            entry.Keys.CopyTo(keys);
            return true;
        }
    }

    /// <summary>Keeps keys, in the place of the oldest when the cache is full.</summary>
    public void Add(ScramHash hash, ReadOnlySpan<byte> salt, int iterations, ReadOnlySpan<byte> keys)
    {
        lock (_lock)
        {
            if (_disposed || Find(hash, salt, iterations) is not null)
                return;
            if (_entries[_next] is { } oldest)
                CryptographicOperations.ZeroMemory(oldest.Keys);
            byte[] kept = GC.AllocateUninitializedArray<byte>(keys.Length, pinned: true);
            keys.CopyTo(kept);
            _entries[_next] = new Entry(hash, salt.ToArray(), iterations, kept);
            _next = (_next + 1) % MaxEntries;
        }
    }

    /// <summary>Erases all keys; later ones are not kept.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Entry? entry in _entries)
                CryptographicOperations.ZeroMemory(entry?.Keys);
            Array.Clear(_entries);
        }
    }

    private Entry? Find(ScramHash hash, ReadOnlySpan<byte> salt, int iterations)
    {
        foreach (Entry? entry in _entries)
        {
            if (entry is not null && entry.Hash == hash && entry.Iterations == iterations && salt.SequenceEqual(entry.Salt))
                return entry;
        }
        return null;
    }
}
