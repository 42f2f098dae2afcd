namespace Sasl.Cli.Tests;

/// <summary>The pages of docs/guide.</summary>
internal static class GuidePage
{
    public static string Read(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string page = Path.Combine(folder.FullName, "docs", "guide", name);
            if (File.Exists(page))
                return File.ReadAllText(page);
        }
        throw new FileNotFoundException($"docs/guide/{name} is not above the tests.");
    }

    /// <summary>The commands of this program in the blocks of a section.</summary>
    public static string[] CommandsIn(string name, string heading)
    {
        string page = Read(name);
        int start = page.IndexOf($"\n{heading}", StringComparison.Ordinal);
        int end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return [.. page[start..(end < 0 ? page.Length : end)].Split('\n').Where(static line => line.StartsWith("sasl ", StringComparison.Ordinal))];
    }
}
