using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>A password typed key by key, where there is no <c>/dev/tty</c>: Windows.</summary>
internal sealed class KeyTerminal : IPasswordTerminal
{
    public async Task<SaslSecret?> ReadAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        await ask();
        return await Task.Run(() => Read(cancellationToken), CancellationToken.None).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // the console is the process's
    }

    private static SaslSecret? Read(CancellationToken cancellationToken)
    {
        char[] typed = GC.AllocateUninitializedArray<char>(PasswordTerminal.MaxLength, pinned: true);
        int length = 0;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key.Key is ConsoleKey.Enter)
                {
                    Console.Error.WriteLine();
                    return SaslSecret.FromText(typed.AsSpan(0, length));
                }
                if (key.Key is ConsoleKey.Backspace)
                    length = Math.Max(0, length - 1);
                else if (key.KeyChar != 0 && length == typed.Length)
                    return null;
                else if (key.KeyChar != 0)
                    typed[length++] = key.KeyChar;
            }
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(typed.AsSpan()));
        }
    }
}
