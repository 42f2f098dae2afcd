using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

/// <summary>Calls both overloads of a profile and lets them agree; null is a refusal.</summary>
internal static class Prep
{
    public static string? Stored(string text) =>
        Agree(text, SaslPrep.TryStored(text, out string? prepared) ? prepared : null, SaslPrep.TryStored);

    public static string? Query(string text) =>
        Agree(text, SaslPrep.TryQuery(text, out string? prepared) ? prepared : null, SaslPrep.TryQuery);

    public static string? Trace(string text) => SaslPrep.TryTrace(text, out string? prepared) ? prepared : null;

    private static string? Agree(string text, string? fromText, Func<ReadOnlySpan<byte>, IBufferWriter<byte>, bool> prepare)
    {
        var output = new ArrayBufferWriter<byte>();
        bool accepted = prepare(Encoding.UTF8.GetBytes(text), output);
        Assert.True(accepted || output.WrittenCount == 0, "A refusal wrote something.");
        Assert.Equal(fromText, accepted ? Encoding.UTF8.GetString(output.WrittenSpan) : null);
        return fromText;
    }
}
