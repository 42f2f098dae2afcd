using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>Gets the password to be set, from a pipe or from somebody who types it twice.</summary>
internal static class NewPassword
{
    /// <summary>The longest password taken, in octets. Cyrus SASL cuts longer ones off without a word.</summary>
    public const int MaxLength = PasswordTerminal.MaxLength;

    private const string Prompt = "Password: ";
    private const string SecondPrompt = "Again (for verification): ";

    /// <summary>Everything that standard input gives, without one final newline.</summary>
    /// <exception cref="PasswordRefusedException">It is longer than <see cref="MaxLength"/>.</exception>
    public static async Task<SaslSecret> FromPipeAsync(Stream input, CancellationToken cancellationToken)
    {
        // Room for the newline, and for one octet more that shows that there is more.
        byte[] block = GC.AllocateUninitializedArray<byte>(MaxLength + 2, pinned: true);
        try
        {
            int length = await input.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken);
            if (length > 0 && block[length - 1] == (byte)'\n')
                length--;
            return length <= MaxLength
                ? SaslSecret.FromOctets(block.AsSpan(0, length))
                : throw new PasswordRefusedException($"the password is longer than {MaxLength} octets");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }

    /// <summary>Asks twice.</summary>
    /// <exception cref="PasswordRefusedException">The two differ, or one is too long.</exception>
    /// <exception cref="IOException">There is no terminal.</exception>
    public static async Task<SaslSecret> FromTerminalAsync(CliConsole console, CancellationToken cancellationToken)
    {
        using IPasswordTerminal terminal = console.OpenTerminal() ?? throw new IOException("there is no terminal to ask for the password on; use -p");
        SaslSecret first = await AskAsync(console, terminal, Prompt, cancellationToken);
        using SaslSecret second = await AskAsync(console, terminal, SecondPrompt, cancellationToken);
        if (CryptographicOperations.FixedTimeEquals(first.Span, second.Span))
            return first;
        first.Dispose();
        throw new PasswordRefusedException("the passwords differ; nothing was changed");
    }

    private static async Task<SaslSecret> AskAsync(CliConsole console, IPasswordTerminal terminal, string prompt, CancellationToken cancellationToken) =>
        await terminal.ReadAsync(() => console.Error.WriteAsync(prompt), cancellationToken)
        ?? throw new PasswordRefusedException($"the password is longer than {MaxLength} octets, or the terminal has gone");
}
