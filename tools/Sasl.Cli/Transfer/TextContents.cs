using System.Security.Cryptography;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>What a text has, after all of it was read.</summary>
/// <param name="Records">How many records a sasldb has after them, if it had none.</param>
/// <param name="Others">How many of them have a key that is no user's; they are kept as they are.</param>
/// <param name="Doubled">How many more there are in the text, whose keys come again after them: the last one of a key counts.</param>
internal readonly record struct TextContents(long Records, long Others, long Doubled)
{
    // What every form of a sasldb keeps.
    private const int MaxKeyLength = 511;

    /// <summary>Reads all of a text and refuses what could not be stored.</summary>
    /// <exception cref="SasldbTextException">A line is not what is expected there.</exception>
    public static async Task<TextContents> CheckAsync(Stream text, CancellationToken cancellationToken)
    {
        using var reader = new SasldbTextReader(text);
        // Half of a digest tells keys from each other, and is shorter than most of them.
        var seen = new HashSet<UInt128>();
        var contents = default(TextContents);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.Key.Length is 0 or > MaxKeyLength)
                throw new SasldbTextException(reader.LineNumber - 1, $"a key of 1 to {MaxKeyLength} octets is expected; no other fits into every form of sasldb");
            contents = seen.Add(DigestOf(reader.Key.Span))
                ? contents with { Records = contents.Records + 1, Others = contents.Others + (IsUsers(reader.Key.Span) ? 0 : 1) }
                : contents with { Doubled = contents.Doubled + 1 };
        }
        return contents;
    }

    /// <summary>How many records, in words.</summary>
    public override string ToString()
    {
        string others = Others == 0 ? "" : $", of them {Others} that are no user's";
        string doubled = Doubled == 0 ? "" : $" (the text has {RecordCount.Of(Doubled)} more, whose keys come again later)";
        return RecordCount.Of(Records) + others + doubled;
    }

    private static UInt128 DigestOf(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[sizeof(ulong)..]));
    }

    private static bool IsUsers(ReadOnlySpan<byte> key)
    {
        int first = key.IndexOf((byte)0);
        return first > 0 && key[(first + 1)..].Contains((byte)0);
    }
}
