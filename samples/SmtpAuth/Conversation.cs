using Sasl.Smtp;

namespace SmtpAuth;

/// <summary>Prints the lines of an authentication, with what may be secret replaced by <c>***</c>.</summary>
internal sealed class Conversation(TextWriter output)
{
    private readonly SmtpLineMasker _masker = new();

    public Task ClientAsync(ReadOnlyMemory<byte> line) => output.WriteLineAsync($"  C: {_masker.Client(line.Span)}");

    public Task ServerAsync(ReadOnlyMemory<byte> line) => output.WriteLineAsync($"  S: {_masker.Server(line.Span)}");
}
