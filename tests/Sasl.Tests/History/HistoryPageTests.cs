using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>The page that lists every row of the history names tests that exist, and says of the other rows why there are none.</summary>
public sealed partial class HistoryPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Checkout.Root, "docs/guide/security-history.md"));

    private static readonly string[] s_tests =
    [
        .. typeof(HistoryPageTests).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(HistoryPageTests).Namespace)
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(static method => method.DeclaringType != typeof(HistoryPageTests) && method.GetCustomAttributes<FactAttribute>().Any())
            .Select(static method => method.Name),
    ];

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        string[] named = [.. TestName().Matches(s_page).Select(static match => match.Groups[1].Value)];
        Assert.True(named.Length > 40, $"{named.Length} names");
        Assert.Empty(named.Except(TestsOfAllProjects()));
    }

    [Fact]
    public void Every_test_of_this_folder_is_on_the_page() => Assert.Empty(
        s_tests.Except(TestName().Matches(s_page).Select(static match => match.Groups[1].Value)));

    [Fact]
    public void Every_row_names_a_test_or_the_reason_why_there_is_none()
    {
        string[] rows = [.. s_page.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Item", StringComparison.Ordinal))];
        Assert.True(rows.Length >= 45, $"{rows.Length} rows");
        Assert.All(rows, static row => Assert.True(TestName().IsMatch(row) || Reason().IsMatch(row), row));
    }

    // The tests of a mechanism or a daemon stand beside its other tests, in projects that this one does not name.
    private static IEnumerable<string> TestsOfAllProjects() =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(static path => Test().Matches(File.ReadAllText(path)).Select(static match => match.Groups[1].Value));

    [GeneratedRegex(@"^    public (?:async )?(?:void|Task) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Test();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)`")]
    private static partial Regex TestName();

    [GeneratedRegex("Not here: .{20,}")]
    private static partial Regex Reason();
}
