namespace Sasl.Cli;

/// <summary>Asks for the password to log in with, where one may be needed.</summary>
internal static class PasswordQuestion
{
    private const string Prompt = "Password: ";

    /// <summary>Whether any mechanism that may be chosen wants a password.</summary>
    /// <param name="account">The account, without its password.</param>
    /// <param name="channel">The connection.</param>
    /// <param name="offered">What the server offers.</param>
    public static bool IsNeeded(SaslClientOptions account, SaslChannel channel, IReadOnlyCollection<string> offered) =>
        !string.IsNullOrEmpty(account.UserName)
        && account.Mechanisms.Any(mechanism => mechanism.Client is not null
            && mechanism.ClientNeeds.HasFlag(SaslClientNeeds.Password)
            && offered.Contains(mechanism.Name, StringComparer.OrdinalIgnoreCase)
            && account.Policy.Judge(mechanism, channel) is SelectionReason.Offered);

    /// <summary>Asks on the terminal, and without one takes the next line of standard input.</summary>
    /// <exception cref="IOException">There is no such line, or it is too long.</exception>
    public static async Task<SaslSecret> AskAsync(CliConsole console, CancellationToken cancellationToken)
    {
        using IPasswordTerminal? terminal = console.OpenTerminal();
        if (terminal is not null)
        {
            return await terminal.ReadAsync(() => console.Error.WriteAsync(Prompt), cancellationToken)
                ?? throw new IOException($"the password is longer than {PasswordTerminal.MaxLength} octets, or the terminal has gone");
        }
        await console.Error.WriteAsync(Prompt);
        ReadOnlyMemory<byte> line = await console.Lines.ReadAsync(cancellationToken) ?? throw new IOException("standard input has ended where the password should be");
        SaslSecret password = SaslSecret.FromOctets(line.Span);
        await console.Error.WriteLineAsync();
        return password;
    }
}
