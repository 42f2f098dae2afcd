using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Architecture.Tests;

/// <summary>Design section 3: inside Core there are floors too, and a folder names only those below it.</summary>
public sealed partial class CoreFloorsTests
{
    // From the ground up. What stands beside each other on one line does not name each other.
    private static readonly string[][] s_floors =
    [
        ["Errors"],
        ["Secrets", "Text", "Work"],
        ["Channel"],
        ["Configuration"],
        ["Credentials"],
        ["Mechanisms"],
        ["Streams"],
        ["Policy"],
        ["Sessions"],
    ];

    [Fact]
    public void Every_folder_of_Core_has_a_floor()
    {
        string[] known = [.. s_floors.SelectMany(static floor => floor)];
        IEnumerable<string> folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src/Sasl.Core"))
            .Select(static path => Path.GetFileName(path)).Where(static name => name is not ("bin" or "obj"));
        Assert.All(folders, folder => Assert.Contains(folder, known));
    }

    [Fact]
    public void No_file_of_Core_stands_outside_a_folder() =>
        Assert.Empty(Directory.GetFiles(Path.Combine(Repository.Root, "src/Sasl.Core"), "*.cs"));

    [Fact]
    public void A_folder_of_Core_names_only_lower_floors()
    {
        Dictionary<string, int> floorOf = s_floors.SelectMany(static (floor, index) => floor.Select(folder => (folder, index)))
            .ToDictionary(static pair => pair.folder, static pair => pair.index);
        Dictionary<string, string> folderOfType = [];
        foreach (string path in Repository.Sources("src/Sasl.Core"))
        {
            foreach (Match match in Declaration().Matches(WithoutComments(path)))
                folderOfType[match.Groups[1].Value] = FolderOf(path);
        }

        List<string> wrong = [];
        foreach (string path in Repository.Sources("src/Sasl.Core"))
        {
            string folder = FolderOf(path);
            foreach (string word in Word().Matches(WithoutComments(path)).Select(static match => match.Value).Distinct())
            {
                if (folderOfType.TryGetValue(word, out string? named) && named != folder && floorOf[named] >= floorOf[folder])
                    wrong.Add($"{folder}/{Path.GetFileName(path)} names {word} of {named}");
            }
        }
        Assert.True(folderOfType.Count > 40, "the declarations were not found");
        Assert.Empty(wrong);
    }

    private static string FolderOf(string path) => Path.GetRelativePath(Path.Combine(Repository.Root, "src/Sasl.Core"), path).Split(Path.DirectorySeparatorChar)[0];

    private static string WithoutComments(string path) => Comment().Replace(File.ReadAllText(path), "");

    [GeneratedRegex(@"^\s*(?:public|internal)\s+(?:(?:sealed|abstract|static|readonly|partial|ref|unsafe)\s+)*(?:class|record struct|record|struct|interface|enum|delegate\s+\S+)\s+([A-Z]\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"//[^\n]*|""(?:[^""\\\n]|\\.)*""")]
    private static partial Regex Comment();
}
