using System.Collections;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>The records of a text, one in memory at a time: each is erased when the next one is asked for. Can be gone through again.</summary>
/// <param name="text">The text; stays the caller's.</param>
internal sealed class TextEntries(Stream text) : IEnumerable<SasldbEntry>
{
    public IEnumerator<SasldbEntry> GetEnumerator()
    {
        text.Position = 0;
        using var reader = new SasldbTextReader(text);
        while (reader.Read())
        {
            using var entry = new SasldbEntry(reader.Key.ToArray(), reader.Value.ToArray());
            yield return entry;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
