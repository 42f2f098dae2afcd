namespace Sasl.Cli;

/// <summary>Finds the terminal of whoever runs the command.</summary>
internal static class PasswordTerminal
{
    /// <summary>The longest password typed, in octets: that of Cyrus SASL's saslpasswd2.</summary>
    public const int MaxLength = 2048;

    /// <summary>The terminal even when standard input is something else; null when there is none.</summary>
    public static IPasswordTerminal? TryOpen() =>
        OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? UnixTerminal.TryOpen()
        : Console.IsInputRedirected ? null
        : new KeyTerminal();
}
