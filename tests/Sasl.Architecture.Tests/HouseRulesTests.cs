using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Architecture.Tests;

/// <summary>Rules of the house that a compiler does not know.</summary>
public sealed partial class HouseRulesTests
{
    private static readonly string[] s_vagueNames = ["Utils", "Helpers", "Common", "Manager", "Misc"];

    private static IEnumerable<Assembly> Libraries =>
    [
        typeof(SaslMechanism).Assembly,
        typeof(Mechanisms.SaslMechanisms).Assembly,
        Assembly.Load("Sasl.OAuth"),
        Assembly.Load("Sasl.Sasldb"),
        Assembly.Load("Sasl.Saslauthd"),
        Assembly.Load("Sasl.Saslauthd.Hosting"),
        Assembly.Load("Sasl.Saslauthd.Ldap"),
        Assembly.Load("Sasl.Smtp"),
        Assembly.Load("Sasl.TestKit"),
        Assembly.Load("Sasl"),
    ];

    [Fact]
    public void A_public_class_is_sealed_static_or_abstract()
    {
        string[] open = [.. Libraries.SelectMany(static library => library.GetExportedTypes())
            .Where(static type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && type != typeof(SaslProperty))
            .Select(static type => type.FullName!)];
        Assert.Empty(open);
    }

    [Fact]
    public void No_static_field_of_a_library_can_be_assigned_twice()
    {
        string[] open = [.. Libraries.SelectMany(static library => library.GetTypes())
            .Where(static type => !type.Name.Contains('<', StringComparison.Ordinal) && type.DeclaringType?.Name.Contains('<', StringComparison.Ordinal) is not true)
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static field => field is { IsInitOnly: false, IsLiteral: false } && !field.Name.StartsWith('<') && !field.Name.Contains("__", StringComparison.Ordinal))
            .Select(static field => $"{field.DeclaringType}.{field.Name}")];
        Assert.Empty(open);
    }

    [Fact]
    public void Every_library_declares_its_public_surface()
    {
        foreach (string library in Directory.GetDirectories(Path.Combine(Repository.Root, "src")))
        {
            Assert.True(File.Exists(Path.Combine(library, "PublicAPI.Shipped.txt")), library);
            Assert.True(File.ReadAllLines(Path.Combine(library, "PublicAPI.Unshipped.txt")).Length > 1, library);
        }
    }

    [Fact]
    public void Secrets_are_not_compared_with_SequenceEqual()
    {
        string[] wrong = [.. Repository.Sources("src")
            .Where(static path => SecretFile().IsMatch(Path.GetFileName(path)) && File.ReadAllText(path).Contains("SequenceEqual", StringComparison.Ordinal))];
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_folder_or_file_has_a_name_that_says_nothing()
    {
        foreach (string root in new[] { "src", "tools", "samples", "tests", "benchmarks" })
        {
            Assert.All(Repository.Sources(root), static path =>
                Assert.DoesNotContain(Path.GetRelativePath(Repository.Root, path).Split('/', '.'), part => s_vagueNames.Contains(part)));
        }
    }

    [Fact]
    public void Nothing_is_left_unfinished()
    {
        foreach (string path in Repository.Sources("src").Concat(Repository.Sources("tools")).Concat(Repository.Sources("samples")))
        {
            Match found = Unfinished().Match(File.ReadAllText(path));
            Assert.False(found.Success, $"{path}: {found.Value}");
        }
    }

    [Fact]
    public void A_decision_has_a_number_of_its_own()
    {
        string[] numbers = [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs", "decisions"), "0*.md").Select(static path => Path.GetFileName(path)[..4])];
        Assert.Equal(numbers.Order(StringComparer.Ordinal).Distinct(), numbers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_fits_in_a_few_screens()
    {
        string[] tooLong = [.. Repository.Sources("src").Where(static path =>
            !File.ReadLines(path).Take(2).Any(static line => line.Contains("generated", StringComparison.OrdinalIgnoreCase)) && File.ReadLines(path).Count() > 400)];
        Assert.Empty(tooLong);
    }

    [GeneratedRegex("Verifier|Digest|Proof|Secret|PasswordForm|PlainTextForm")]
    private static partial Regex SecretFile();

    // "HACK HAIL" stands in the dictionary of one-time passwords.
    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b(?! HAIL)")]
    private static partial Regex Unfinished();
}
