using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>What one server has derived from passwords that its store keeps in plain text, for users who have logged in with them.</summary>
/// <remarks>
/// The salt of such a user never changes, so that what was derived once is right until the password is another one. The password itself is
/// not kept, only a code of it under a key of this object's own. Bounded: the oldest entry makes room, and is erased. Thread-safe.
/// </remarks>
internal sealed class ScramDerivedCache
{
    /// <summary>How many users' keys are kept, of all hashes together.</summary>
    public const int MaxEntries = 1024;

    private static readonly HashContexts s_code = new(HashAlgorithmName.SHA256, SHA256.HashSizeInBytes, blockSize: 64);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
    private readonly Lock _lock = new();
    private readonly Dictionary<(ScramHash Hash, SaslUser User), Entry> _entries = [];
    private readonly Queue<(ScramHash Hash, SaslUser User)> _order = new();

    private sealed record Entry(byte[] PasswordCode, ScramVerifier Verifier);

    /// <summary>How many users' keys there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Looks for what was derived from this password, with this salt and iteration count. Costs the same whether the user is known or not.</summary>
    /// <returns>A copy, which the caller disposes; null when there is none.</returns>
    public ScramVerifier? Find(ScramHash hash, SaslUser user, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        Span<byte> code = stackalloc byte[SHA256.HashSizeInBytes];
        s_code.Hmac(_key, password, code);
        lock (_lock)
        {
            return _entries.TryGetValue((hash, user), out Entry? entry)
                && CryptographicOperations.FixedTimeEquals(code, entry.PasswordCode)
                && entry.Verifier.Iterations == iterations && CryptographicOperations.FixedTimeEquals(entry.Verifier.Salt.Span, salt)
                    ? entry.Verifier.Copy() : null;
        }
    }

    /// <summary>Keeps what was derived, after a client has proved that it knows the password.</summary>
    public void Add(SaslUser user, ReadOnlySpan<byte> password, ScramVerifier verifier)
    {
        byte[] code = new byte[SHA256.HashSizeInBytes];
        s_code.Hmac(_key, password, code);
        (ScramHash, SaslUser) name = (verifier.Hash, user);
        lock (_lock)
        {
            if (_entries.Remove(name, out Entry? old))
                old.Verifier.Dispose();
            else
                _order.Enqueue(name);
            if (_order.Count > MaxEntries && _entries.Remove(_order.Dequeue(), out Entry? oldest))
                oldest.Verifier.Dispose();
            _entries[name] = new Entry(code, verifier.Copy());
        }
    }
}
