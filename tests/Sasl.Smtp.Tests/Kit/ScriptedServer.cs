using System.Text;

namespace Sasl.Smtp.Tests;

/// <summary>A server that says what is written down, one line whenever the client reads, and remembers what the client said.</summary>
internal sealed class ScriptedServer(params string[] lines)
{
    private readonly Queue<string> _lines = new(lines);

    public List<string> Heard { get; } = [];

    public ValueTask Write(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        Heard.Add(Encoding.Latin1.GetString(line.Span));
        return default;
    }

    public ValueTask<ReadOnlyMemory<byte>?> Read(CancellationToken cancellationToken) =>
        new(_lines.TryDequeue(out string? line) ? Encoding.Latin1.GetBytes(line) : (ReadOnlyMemory<byte>?)null);

    public ValueTask<SmtpAuthResult> Run(SmtpAuthClient client, params string[] offered) => client.RunAsync(offered, Write, Read);
}
