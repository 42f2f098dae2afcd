using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>What a text has, after all of it was read.</summary>
/// <param name="Records">How many records.</param>
/// <param name="Others">How many of them have a key that is no user's; they are kept as they are.</param>
internal readonly record struct TextContents(long Records, long Others)
{
    // What every form of a sasldb keeps.
    private const int MaxKeyLength = 511;

    /// <summary>Reads all of a text and refuses what could not be stored.</summary>
    /// <exception cref="SasldbTextException">A line is not what is expected there.</exception>
    public static async Task<TextContents> CheckAsync(Stream text, CancellationToken cancellationToken)
    {
        using var reader = new SasldbTextReader(text);
        var contents = default(TextContents);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.Key.Length is 0 or > MaxKeyLength)
                throw new SasldbTextException(reader.LineNumber - 1, $"a key of 1 to {MaxKeyLength} octets is expected; no other fits into every form of sasldb");
            contents = new TextContents(contents.Records + 1, contents.Others + (IsUsers(reader.Key.Span) ? 0 : 1));
        }
        return contents;
    }

    private static bool IsUsers(ReadOnlySpan<byte> key)
    {
        int first = key.IndexOf((byte)0);
        return first > 0 && key[(first + 1)..].Contains((byte)0);
    }
}
