using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.OAuth;

/// <summary>What valid tokens said, for a short time. It has their SHA-256 and not they. Thread-safe.</summary>
/// <param name="lifetime">For how long.</param>
/// <param name="size">How many at most; the oldest goes first.</param>
/// <param name="clock">The time.</param>
internal sealed class TokenCache(TimeSpan lifetime, int size, TimeProvider clock)
{
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Queue<(Key Key, DateTimeOffset Until)> _order = new();    // all live equally long, so that the oldest is the first to go
    private readonly Lock _change = new();

    /// <summary>How many there are, those that nobody may use any more included.</summary>
    public int Count
    {
        get
        {
            lock (_change)
                return _entries.Count;
        }
    }

    /// <summary>What a token said; null when it is not known, or no longer.</summary>
    public TokenGrant? Find(ReadOnlySpan<byte> token)
    {
        Key key = Key.Of(token);
        DateTimeOffset now = clock.GetUtcNow();
        lock (_change)
            return _entries.TryGetValue(key, out Entry entry) && now < entry.Until ? entry.Grant : null;
    }

    /// <summary>Keeps what a token said.</summary>
    /// <param name="token">The token.</param>
    /// <param name="grant">What it said; its end is the end here, too.</param>
    /// <param name="asked">When the issuer was asked, which is before it answered.</param>
    public void Keep(ReadOnlySpan<byte> token, TokenGrant grant, DateTimeOffset asked)
    {
        Key key = Key.Of(token);
        DateTimeOffset until = asked + lifetime;
        DateTimeOffset usable = grant.Expires is { } end && end < until ? end : until;
        DateTimeOffset now = clock.GetUtcNow();
        lock (_change)
        {
            // A token that is asked about twice at once has its place already.
            if (!_entries.ContainsKey(key))
            {
                while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _order.Count >= size))
                    _entries.Remove(_order.Dequeue().Key);
                _order.Enqueue((key, until));
            }
            _entries[key] = new Entry(grant, usable);
        }
    }

    private readonly record struct Entry(TokenGrant Grant, DateTimeOffset Until);

    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        public static Key Of(ReadOnlySpan<byte> token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(token, hash);
            return MemoryMarshal.Read<Key>(hash);
        }
    }
}
