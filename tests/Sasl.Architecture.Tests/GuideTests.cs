using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Architecture.Tests;

/// <summary>Every C# sample in the README and the guide is a region of a file that the build compiles: <c>&lt;!-- tests/File.cs Region --&gt;</c> stands above it.</summary>
public sealed partial class GuideTests
{
    public static TheoryData<string> Pages =>
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs/guide"), "*.md").Select(static path => Path.GetRelativePath(Repository.Root, path)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_sample_is_compiled(string page)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        foreach (Match sample in Sample().Matches(text))
        {
            Assert.True(sample.Groups["file"].Success, $"{page}: a C# sample names no source: {FirstLine(sample)}");
            string region = RegionOf(sample.Groups["file"].Value, sample.Groups["region"].Value);
            Assert.Equal(region, sample.Groups["code"].Value.TrimEnd());
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_file_that_a_page_names_exists(string page)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        foreach (Match named in NamedFile().Matches(text))
        {
            string path = Path.Combine(Repository.Root, named.Groups[1].Value);
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{page} names {named.Groups[1].Value}");
        }
    }

    private static string FirstLine(Match sample) => sample.Groups["code"].Value.Split('\n')[0];

    private static string RegionOf(string file, string region)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, file));
        int start = Array.FindIndex(lines, line => line.Trim() == $"#region {region}");
        Assert.True(start >= 0, $"{file} has no region {region}");
        int end = Array.FindIndex(lines, start, static line => line.Trim() == "#endregion");
        string[] inside = lines[(start + 1)..end];
        int indent = inside.Where(static line => line.Trim().Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', inside.Select(line => line.Length >= indent ? line[indent..] : "")).Trim('\n').TrimEnd();
    }

    [GeneratedRegex(@"(?:<!-- (?<file>\S+\.cs) (?<region>\w+) -->\n+)?```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"`((?:docs|src|tests|tools|samples|benchmarks)/[\w./-]+)`")]
    private static partial Regex NamedFile();
}
