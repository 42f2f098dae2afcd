using System.Xml.Linq;
using Xunit;

namespace Sasl.Architecture.Tests;

/// <summary>Design section 1: a project names only floors below its own, and projects on one floor never name each other.</summary>
public sealed class ProjectFloorsTests
{
    private static readonly Dictionary<string, int> s_floors = new()
    {
        ["Sasl.Core"] = 0,
        ["Sasl.Mechanisms"] = 1,
        ["Sasl.OAuth"] = 1,
        ["Sasl.Sasldb"] = 1,
        ["Sasl.Smtp"] = 1,
        ["Sasl.TestKit"] = 1,
        ["Sasl.Saslauthd"] = 1,
        ["Sasl.Kerberos"] = 1,
        ["Sasl.Saslauthd.Hosting"] = 2,
        ["Sasl.Saslauthd.Ldap"] = 2,
        ["Sasl"] = 2,
    };

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(static path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_project_has_a_floor_and_names_only_lower_ones(string project)
    {
        Assert.True(s_floors.TryGetValue(project, out int floor), $"{project} has no floor: give it one here and in docs/decisions.");
        foreach (string reference in References(project, "ProjectReference"))
        {
            string named = Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'));
            Assert.True(s_floors[named] < floor, $"{project} (floor {floor}) names {named} (floor {s_floors[named]})");
        }
    }

    [Fact]
    public void Core_stands_on_the_base_class_library_alone() => Assert.Empty(References("Sasl.Core", "PackageReference"));

    [Fact]
    public void The_built_core_names_no_assembly_outside_the_framework()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (System.Reflection.AssemblyName name in typeof(SaslMechanism).Assembly.GetReferencedAssemblies())
            Assert.True(File.Exists(Path.Combine(framework, name.Name + ".dll")), $"Sasl.Core names {name.Name}");
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"))
            .Descendants(kind).Select(static element => element.Attribute("Include")!.Value);
}
