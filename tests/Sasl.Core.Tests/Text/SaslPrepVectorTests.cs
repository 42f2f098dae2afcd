using System.Text.Json;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

/// <summary>The vectors for SASLprep and PRECIS that the project collected; data/vectors.json names each source.</summary>
public sealed class SaslPrepVectorTests
{
    // PRECIS is another standard. Where its outcome differs, this is what SASLprep makes of the same input.
    private static readonly Dictionary<string, string?> DiffersFromPrecis = new()
    {
        ["precis-usernamecasemapped-5"] = "\u03A3", // case is preserved
        ["precis-username-bad-4"] = "\u221E", // symbols pass
        ["precis-username-bad-3"] = "henryIV", // compatibility characters are decomposed
        ["precis-opaquestring-bad-1"] = "", // the caller decides about emptiness
    };

    public static TheoryData<string, string, string?> Vectors()
    {
        using JsonDocument document = JsonDocument.Parse(TextData.Open("vectors.json"));
        var vectors = new TheoryData<string, string, string?>();
        foreach (JsonElement vector in document.RootElement.EnumerateArray())
        {
            string id = vector.GetProperty("id").GetString()!;
            string? output = vector.TryGetProperty("output", out JsonElement value) ? value.GetString() : null;

            // Elytron uses the raw octets when preparation fails; here failing is failing.
            string? expected = output == "error-or-passthrough" ? null : output;
            if (DiffersFromPrecis.TryGetValue(id, out string? ours))
                expected = ours;
            vectors.Add(id, vector.GetProperty("input").GetString()!, expected);
        }

        return vectors;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_collected_vectors_hold(string id, string input, string? expected)
    {
        Assert.NotEmpty(id);
        Assert.Equal(expected, Prep.Stored(input));
        Assert.Equal(expected, Prep.Query(input));
    }

    [Fact]
    public void Every_exception_from_PRECIS_is_about_a_vector_that_exists()
    {
        using JsonDocument document = JsonDocument.Parse(TextData.Open("vectors.json"));
        IEnumerable<string?> ids = document.RootElement.EnumerateArray().Select(static vector => vector.GetProperty("id").GetString());
        Assert.Empty(DiffersFromPrecis.Keys.Except(ids));
    }
}
