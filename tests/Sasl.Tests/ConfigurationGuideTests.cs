using System.Runtime.CompilerServices;
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
    public void The_guides_sample_is_the_code_of_this_test()
    {
        Assert.Contains("SCRAM-SHA-256", GuideSample());
        string[] code = File.ReadAllLines(ThisFile());
        int first = Array.IndexOf(s_lines, "<!-- compiled: GuideSample -->") + 2;
        foreach (string line in s_lines.Skip(first).TakeWhile(static line => line != "```"))
            Assert.Contains(code, other => other.Trim() == line.Trim());
    }

    private static string[] GuideSample()
    {
        var keys = new Dictionary<string, string>
        {
            ["pwcheck_method"] = "auxprop",
            ["mech_list"] = "SCRAM-SHA-256 PLAIN",
        };
        var builder = new SaslServerBuilder { ServerName = "mail.example.com", Realm = "example.com" };
        builder.Stores["mine"] = _ => new MemoryCredentialStore();
        using SaslServerSetup setup = builder.Build("smtp", SaslConfiguration.FromValues(keys, "appsettings.json"));
        SaslServer server = setup.Server;
        return [.. server.Explain(SaslChannel.Plaintext).Offered];
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
