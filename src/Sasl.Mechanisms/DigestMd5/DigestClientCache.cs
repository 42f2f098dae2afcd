using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The logins that a client remembers, so that the next one to the same service can do without a challenge. Thread-safe.</summary>
internal sealed class DigestClientCache
{
    /// <summary>How many are remembered; the oldest gives way (Cyrus SASL: 10).</summary>
    public const int MaxEntries = 10;

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>What a login was.</summary>
    /// <param name="Uri">Which service it was to.</param>
    /// <param name="UserName">The user name that was sent.</param>
    /// <param name="Realm">The realm that was sent; null when none was.</param>
    /// <param name="Challenge">What the server had said.</param>
    /// <param name="ClientNonce">The client's nonce.</param>
    /// <param name="Count">The nonce count that was used.</param>
    /// <param name="Begun">When the challenge came.</param>
    public sealed record Entry(
        byte[] Uri, string UserName, ReadOnlyMemory<byte>? Realm, DigestChallenge Challenge, byte[] ClientNonce, uint Count, DateTimeOffset Begun);

    /// <summary>Takes a login out: two connections must not use one count.</summary>
    /// <param name="uri">Which service.</param>
    /// <param name="userName">Which user.</param>
    /// <param name="oldest">Logins that began before this are forgotten.</param>
    public Entry? Take(byte[] uri, string userName, DateTimeOffset oldest)
    {
        lock (_lock)
        {
            _entries.RemoveAll(entry => entry.Begun < oldest);
            int index = _entries.FindIndex(entry => CryptographicOperations.FixedTimeEquals(entry.Uri, uri) && entry.UserName == userName);
            if (index < 0)
                return null;
            Entry found = _entries[index];
            _entries.RemoveAt(index);
            return found;
        }
    }

    /// <summary>Remembers a login that has succeeded, in place of an older one of the same user.</summary>
    public void Put(Entry entry)
    {
        lock (_lock)
        {
            _entries.RemoveAll(other => CryptographicOperations.FixedTimeEquals(other.Uri, entry.Uri) && other.UserName == entry.UserName);
            if (_entries.Count == MaxEntries)
                _entries.RemoveAt(0);
            _entries.Add(entry);
        }
    }
}
