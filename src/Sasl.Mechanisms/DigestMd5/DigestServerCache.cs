using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The logins that a server remembers, by nonce, so that the next one can do without a challenge (RFC 2831 section 2.2). Thread-safe.</summary>
internal sealed class DigestServerCache
{
    /// <summary>How many are remembered; the oldest gives way (Cyrus SASL: 100).</summary>
    public const int MaxEntries = 100;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, Entry> _entries = [];

    private sealed class Entry
    {
        public required byte[] ClientNonce { get; init; }
        public required byte[] UserName { get; init; }
        public required byte[] Realm { get; init; }
        public required DateTimeOffset Begun { get; init; }
        public uint Count { get; set; }
    }

    /// <summary>Remembers a login that has succeeded.</summary>
    public void Add(DigestResponse response, DateTimeOffset now)
    {
        var entry = new Entry
        {
            ClientNonce = response.ClientNonce.ToArray(),
            UserName = response.UserName.ToArray(),
            Realm = response.Realm.ToArray(),
            Begun = now,
            Count = response.NonceCount,
        };
        lock (_lock)
        {
            if (_entries.Count == MaxEntries)
                _entries.RemoveAt(0);
            _entries[NameOf(response)] = entry;
        }
    }

    /// <summary>Whether a response is the next one of a login that is remembered.</summary>
    /// <param name="response">The response; whether its proof is right is another question.</param>
    /// <param name="oldest">Logins that began before this are forgotten.</param>
    /// <param name="isStale">Whether its nonce was known, but is too old or its count is not the next one.</param>
    public bool Knows(DigestResponse response, DateTimeOffset oldest, out bool isStale)
    {
        lock (_lock)
        {
            Entry? entry = Find(response);
            bool isNext = entry is not null && entry.Begun >= oldest && response.NonceCount == entry.Count + 1;
            isStale = entry is not null && !isNext;
            return isNext;
        }
    }

    /// <summary>Counts a response whose proof was right.</summary>
    /// <returns>False when another connection has used the same count meanwhile.</returns>
    public bool TryAdvance(DigestResponse response)
    {
        lock (_lock)
        {
            if (Find(response) is not { } entry || response.NonceCount != entry.Count + 1)
                return false;
            entry.Count++;
            return true;
        }
    }

    private Entry? Find(DigestResponse response) =>
        _entries.TryGetValue(NameOf(response), out Entry? entry)
        && CryptographicOperations.FixedTimeEquals(response.ClientNonce.Span, entry.ClientNonce)
        && CryptographicOperations.FixedTimeEquals(response.UserName.Span, entry.UserName)
        && CryptographicOperations.FixedTimeEquals(response.Realm.Span, entry.Realm)
            ? entry
            : null;

    private static string NameOf(DigestResponse response) => Encoding.Latin1.GetString(response.Nonce.Span);
}
