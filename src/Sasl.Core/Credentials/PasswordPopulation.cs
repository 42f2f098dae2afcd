using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl;

/// <summary>What checking the passwords of the users of one store costs, so that users who do not exist can cost it too.</summary>
/// <remarks>
/// Every name gets one of the efforts seen, chosen by octets nobody outside knows, in such a way that a new effort changes the answer
/// for few names and a known one for none: nobody can choose, by logging in, what an unknown name costs. Thread-safe.
/// </remarks>
/// <param name="assumed">The answer while no user has been seen.</param>
internal sealed class PasswordPopulation(PasswordEffort assumed)
{
    /// <summary>How many different efforts are remembered. A store seldom has more than three.</summary>
    public const int MaxEfforts = 8;

    private const int ScoreLength = HMACSHA256.HashSizeInBytes / MaxEfforts;
    private const int LongestOnStack = 512;

    private byte[]? _key;
    private ImmutableArray<PasswordEffort> _seen = [];

    /// <summary>Remembers what a user who exists costs.</summary>
    public void Learn(PasswordForm form, int cost)
    {
        if (!Knows(form, cost))
            Add(form, cost);
    }

    /// <summary>What a user of this name costs who does not exist.</summary>
    public PasswordEffort Imitate(SaslUser user)
    {
        ImmutableArray<PasswordEffort> seen = _seen;
        return seen.IsEmpty ? assumed : seen is [var only] ? only : Choose(user, seen);
    }

    // Each effort has its own score for each name, and the highest wins: an effort that joins wins only the names it scores highest for.
    private PasswordEffort Choose(SaslUser user, ImmutableArray<PasswordEffort> seen)
    {
        Span<byte> scores = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Score(user, scores);
        (uint best, PasswordEffort chosen) = (0, seen[0]);
        for (int i = 0; i < seen.Length; i++)
        {
            uint score = BinaryPrimitives.ReadUInt32LittleEndian(scores[(i * ScoreLength)..]);
            if (score > best)
                (best, chosen) = (score, seen[i]);
        }
        return chosen;
    }

    private void Score(SaslUser user, Span<byte> scores)
    {
        // Made when there is a choice, because the first call of the platform's cryptography in a process costs milliseconds.
        byte[] key = _key ?? LazyInitializer.EnsureInitialized(ref _key, static () => RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes));
        string name = user.ToString();
        int most = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> octets = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        HMACSHA256.HashData(key, octets[..Encoding.UTF8.GetBytes(name, octets)], scores);
    }

    // Beside Learn, so that only what is new pays for the closure.
    private void Add(PasswordForm form, int cost) => ImmutableInterlocked.Update(
        ref _seen, seen => seen.Length >= MaxEfforts || Holds(seen, form, cost) ? seen : seen.Add(new PasswordEffort(form, cost)));

    private bool Knows(PasswordForm form, int cost)
    {
        ImmutableArray<PasswordEffort> seen = _seen;
        return seen.Length >= MaxEfforts || Holds(seen, form, cost);
    }

    private static bool Holds(ImmutableArray<PasswordEffort> seen, PasswordForm form, int cost)
    {
        foreach (PasswordEffort effort in seen)
        {
            if (effort.Form == form && effort.Cost == cost)
                return true;
        }
        return false;
    }
}
