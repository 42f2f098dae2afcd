using System.CommandLine.Help;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The page of the guide and the program say the same.</summary>
public sealed class GuideTests
{
    private static readonly string s_page = GuidePage.Read("command-line.md");

    public static TheoryData<string> Commands => [.. new SaslCommandLine(CliConsole.System).Commands.Select(static command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_page_names_every_option_and_exit_code(string name)
    {
        CliCommand command = new SaslCommandLine(CliConsole.System).Commands.Single(command => command.Name == name);
        string section = SectionOf(name);

        Assert.NotEmpty(command.Options);
        Assert.All(
            command.Options.Where(static option => option is not HelpOption),
            option => Assert.Matches($@"`{Regex.Escape(option.Name)}[` ]", section));
        Assert.All(
            command.ExitCodes.Select(static row => row.Code.ToString(CultureInfo.InvariantCulture)),
            code => Assert.Matches($@"(\| {code} \||[:;] {code} )", section));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_shows_every_exit_code_and_ends_with_0(string name)
    {
        using var folder = new CliFolder();
        CliCommand command = new SaslCommandLine(CliConsole.System).Commands.Single(command => command.Name == name);

        CliResult result = await folder.RunAsync("", name, "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"sasl {name}", result.Output);
        Assert.NotEmpty(command.ExitCodes);
        Assert.All(command.ExitCodes, row => Assert.Contains($"  {row.Code,-3}  {row.Meaning}\n", result.Output));
    }

    private static string SectionOf(string command)
    {
        int start = s_page.IndexOf($"\n## `sasl {(command == "sample-client" ? "sample-server" : command)}`", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The page has no section on {command}.");
        int end = s_page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return s_page[start..end];
    }
}
