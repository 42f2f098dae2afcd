using System.Globalization;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers;

/// <summary>tests/Sasl.Saslauthd.Asker as a process of its own; its Program.cs says what it can do.</summary>
internal static class AskerProcess
{
    private const string Program = "Sasl.Saslauthd.Asker.dll";

    /// <summary>What starts it.</summary>
    /// <param name="folder">Where it is; null for the folder of the tests.</param>
    /// <param name="arguments">Its arguments.</param>
    public static PeerCommand Command(string? folder, params string[] arguments) =>
        new(Environment.ProcessPath!, [Path.Combine(folder ?? AppContext.BaseDirectory, Program), .. arguments]) { Limit = TimeSpan.FromSeconds(90) };

    /// <summary>Copies it, with what it needs, to a folder that other users can enter.</summary>
    public static void CopyTo(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Sasl.*"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    /// <summary>Asks it for some users, in one process.</summary>
    /// <param name="command">What starts it.</param>
    /// <param name="questions">Users and passwords.</param>
    public static Task<AskerAnswers> AskAsync(PeerCommand command, params IEnumerable<(string Name, string Password)> questions) =>
        AskAsync(command, "smtp", questions.Select(static question => (question.Name, Encoding.UTF8.GetBytes(question.Password))));

    /// <summary>Asks it for some users, in one process.</summary>
    public static async Task<AskerAnswers> AskAsync(PeerCommand command, string service, IEnumerable<(string Name, byte[] Password)> questions)
    {
        (string Name, byte[] Password)[] asked = [.. questions];
        string input = string.Concat(asked.Select(question => $"{question.Name}\t{Convert.ToHexString(question.Password)}\t{service}\n"));
        string[] lines = (await PeerProcess.RunSuccessfullyAsync(command with { Input = input })).ReplaceLineEndings("\n").Split('\n');
        string[] grown = lines.Last(static line => line.StartsWith("grown: ", StringComparison.Ordinal)).Split(' ');
        return new AskerAnswers(
            [.. lines.Take(asked.Length).Select(Read)],
            [.. lines.Skip(asked.Length).Where(static line => line.StartsWith("warning: ", StringComparison.Ordinal))],
            int.Parse(grown[1], CultureInfo.InvariantCulture),
            long.Parse(grown[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Has it check 1200 right and wrong passwords, and looks at what stays open and in memory.</summary>
    /// <param name="command">What starts it.</param>
    /// <param name="name">The user.</param>
    /// <param name="password">The user's password.</param>
    public static async Task AssertNothingStaysAsync(PeerCommand command, string name, string password)
    {
        AskerAnswers answers = await AskAsync(command, Enumerable.Range(0, 1200).Select(number => (name, number % 2 == 0 ? password : "wrong")));
        Assert.All(answers.Verdicts.Index(), static pair =>
            Assert.Equal(pair.Index % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch, pair.Item.Outcome));
        Assert.InRange(answers.Files, -5, 5);
        // The runtime itself comes and goes with some hundred KiB; a thousand of libkrb5's contexts, 2.4 KiB each, are more than that.
        Assert.InRange(answers.Memory, -100_000, 1_500);
    }

    private static PasswordVerdict Read(string line) =>
        new(Enum.Parse<PasswordOutcome>(line.Split('\t')[0])) { Reason = line.Split('\t')[1] is { Length: > 0 } reason ? reason : null };
}
