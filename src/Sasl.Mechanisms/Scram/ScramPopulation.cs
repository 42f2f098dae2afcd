using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What the users of one server look like, so that users who do not exist can look like them.</summary>
/// <remarks>
/// Every name gets one of the shapes seen, chosen by octets nobody outside knows, in such a way that a new shape changes the answer
/// for few names and a known one for none: the store may be half-way from 4096 iterations to 10,000, and asking twice still shows nothing.
/// Thread-safe.
/// </remarks>
internal sealed class ScramPopulation
{
    /// <summary>How many different shapes are remembered for one hash. A store seldom has more than two.</summary>
    public const int MaxShapes = 8;

    private const int ScoreLength = sizeof(ulong);
    private const int LongestOnStack = 512;

    private static readonly HashContexts s_code = new(HashAlgorithmName.SHA256, SHA256.HashSizeInBytes, blockSize: 64);

    private readonly ConcurrentDictionary<(ScramHash Hash, ScramShape Shape), ScramDecoy> _assumed = new();

    private ImmutableDictionary<ScramHash, ImmutableArray<ScramDecoy>> _seen = ImmutableDictionary<ScramHash, ImmutableArray<ScramDecoy>>.Empty;

    private byte[]? _saltKey;

    /// <summary>Remembers how a user who exists looks.</summary>
    public void Learn(ScramHash hash, ScramShape shape)
    {
        if (!Knows(hash, shape))
            Add(hash, shape);
    }

    /// <summary>How a user of this name looks who does not exist.</summary>
    /// <param name="context">Makes the octets that choose.</param>
    /// <param name="hash">The hash function.</param>
    /// <param name="user">The user.</param>
    /// <param name="assumed">The answer while no user has been seen.</param>
    public ScramDecoy Imitate(SaslServerContext context, ScramHash hash, SaslUser user, ScramShape assumed)
    {
        if (!_seen.TryGetValue(hash, out ImmutableArray<ScramDecoy> known))
            return _assumed.GetOrAdd((hash, assumed), static key => new ScramDecoy(key.Hash, key.Shape));
        return known is [var only] ? only : Choose(context, hash, user, known);
    }

    /// <summary>The salt of a user of this name who does not exist: the same every time, as long as the server's key of decoys is the same.</summary>
    /// <param name="context">Makes the key, once.</param>
    /// <param name="hash">The hash function: stored keys of different ones have unrelated salts, and so must decoys.</param>
    /// <param name="user">The user.</param>
    /// <param name="salt">Filled whole.</param>
    // Every login makes one, so that it is a code of the fastest function, not one of the server's own decoys.
    public void FillSalt(SaslServerContext context, ScramHash hash, SaslUser user, Span<byte> salt)
    {
        byte[] key = _saltKey ?? MakeSaltKey(context);
        int most = hash.NameOctets.Length + 3 + Encoding.UTF8.GetMaxByteCount(user.Name.Length) + Encoding.UTF8.GetMaxByteCount(user.Realm.Length);
        Span<byte> input = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        input.Clear();
        // The number of the code, the hash, NUL, the name, NUL, the realm.
        int length = 1;
        hash.NameOctets.CopyTo(input[length..]);
        length += hash.NameOctets.Length + 1;
        length += Encoding.UTF8.GetBytes(user.Name, input[length..]) + 1;
        length += Encoding.UTF8.GetBytes(user.Realm, input[length..]);

        Span<byte> code = stackalloc byte[SHA256.HashSizeInBytes];
        for (; !salt.IsEmpty; salt = salt[Math.Min(code.Length, salt.Length)..])
        {
            input[0]++;
            s_code.Hmac(key, input[..length], code);
            code[..Math.Min(code.Length, salt.Length)].CopyTo(salt);
        }
    }

    private byte[] MakeSaltKey(SaslServerContext context)
    {
        byte[] key = new byte[SHA256.HashSizeInBytes];
        context.FillDecoy(new SaslUser("scram", ""), "scram-salts"u8, key);
        return Interlocked.CompareExchange(ref _saltKey, key, null) ?? key;
    }

    // Each shape has its own score for each name, and the highest wins: a shape that joins wins only the names it scores highest for.
    private static ScramDecoy Choose(SaslServerContext context, ScramHash hash, SaslUser user, ImmutableArray<ScramDecoy> known)
    {
        Span<byte> octets = stackalloc byte[MaxShapes * ScoreLength];
        context.FillDecoy(user, hash.DecoyShape.AsSpan(), octets);
        (ulong best, ScramDecoy chosen) = (0, known[0]);
        for (int i = 0; i < known.Length; i++)
        {
            ulong score = BinaryPrimitives.ReadUInt64LittleEndian(octets[(i * ScoreLength)..]);
            if (score > best)
                (best, chosen) = (score, known[i]);
        }
        return chosen;
    }

    // Beside Learn, so that only what is new pays for the closures.
    private void Add(ScramHash hash, ScramShape shape) =>
        ImmutableInterlocked.AddOrUpdate(ref _seen, hash, _ => [new(hash, shape)], (_, known) => Extend(hash, known, shape));

    private static ImmutableArray<ScramDecoy> Extend(ScramHash hash, ImmutableArray<ScramDecoy> known, ScramShape shape) =>
        known.Length >= MaxShapes || known.Any(decoy => decoy.Shape == shape) ? known : known.Add(new(hash, shape));

    private bool Knows(ScramHash hash, ScramShape shape)
    {
        if (!_seen.TryGetValue(hash, out ImmutableArray<ScramDecoy> known))
            return false;
        foreach (ScramDecoy decoy in known)
        {
            if (decoy.Shape == shape)
                return true;
        }
        return known.Length >= MaxShapes;
    }
}
