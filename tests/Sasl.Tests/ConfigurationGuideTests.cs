using System.Runtime.CompilerServices;
using Sasl.Tests.Guide;
using Xunit;

namespace Sasl.Tests;

/// <summary>The guide for administrators says what the code does.</summary>
public sealed class ConfigurationGuideTests
{
    private static readonly string[] s_lines = File.ReadAllLines(
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "guide", "configuration.md")));

    public static TheoryData<string> Keys => [.. SaslConfigurationKeys.All.Select(static key => key.Name)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_is_in_the_guide_with_its_default(string name)
    {
        SaslConfigurationKey key = SaslConfigurationKeys.Find(name)!;
        string expected = key.Default is { } value ? $"`{value}`" : "";
        Assert.Contains(s_lines, line => line.Contains($"`{name}`", StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_file_of_the_guide_is_accepted_without_a_warning()
    {
        int first = Array.IndexOf(s_lines, "# /etc/sasl2/smtpd.conf");
        string text = string.Join('\n', s_lines.Skip(first).TakeWhile(static line => line != "```"));
        Assert.Equal(4, SaslConfiguration.Parse(text).Entries.Length);
        Assert.Empty(SaslConfiguration.Parse(text).Check());
    }

    [Fact]
    public async Task The_sample_with_keys_from_code_lets_its_user_in()
    {
        using SaslServerSetup sasl = GuideSamples.FromCode();
        Assert.True((await sasl.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await sasl.LogInAsync("alice", "pen")).Error);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
