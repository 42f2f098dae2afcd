using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>Somebody at a terminal who types one line after another.</summary>
internal sealed class TypingUser(params string[] lines) : IPasswordTerminal
{
    private readonly Queue<string> _lines = new(lines);

    public async Task<SaslSecret?> ReadAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        await ask();
        Assert.True(_lines.TryDequeue(out string? line), "Nobody expected to be asked again.");
        return SaslSecret.FromText(line);
    }

    public void Dispose()
    {
        // stays for the next question
    }
}
