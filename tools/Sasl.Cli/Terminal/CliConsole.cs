using System.Text;

namespace Sasl.Cli;

/// <summary>What a command reads and writes; tests have their own.</summary>
/// <param name="input">Standard input, as octets: passwords come through it.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="inputIsTerminal">Whether somebody types what standard input gives.</param>
/// <param name="openTerminal">Opens the terminal of whoever runs the command, wherever standard input comes from; null when there is none.</param>
internal sealed class CliConsole(Stream input, TextWriter output, TextWriter error, bool inputIsTerminal, Func<IPasswordTerminal?> openTerminal)
{
    private OctetLines? _lines;

    /// <summary>The real ones.</summary>
    public static CliConsole System { get; } = new(
        Console.OpenStandardInput(), Utf8(Console.OpenStandardOutput()), Utf8(Console.OpenStandardError()),
        !Console.IsInputRedirected, PasswordTerminal.TryOpen)
    {
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
    };

    /// <summary>Where configuration files are looked for.</summary>
    public SaslConfigurationFinder Finder { get; init; } = new();

    /// <summary>Whether what is written to standard output is seen by whoever stands by.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether somebody watches what is written to standard error.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Stream Input => input;

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool InputIsTerminal => inputIsTerminal;

    /// <summary>Standard input line by line; there is one, because it reads ahead.</summary>
    public OctetLines Lines => _lines ??= new OctetLines(input);

    public IPasswordTerminal? OpenTerminal() => openTerminal();

    private static StreamWriter Utf8(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
