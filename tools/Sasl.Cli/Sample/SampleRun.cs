using System.Net.Sockets;
using Sasl.Sasldb;

namespace Sasl.Cli.Sample;

/// <summary>Runs one side of the sample conversation; whatever goes wrong becomes a sentence and exit code 1, as with Cyrus SASL's.</summary>
internal static class SampleRun
{
    public static async Task<int> GuardAsync(CliConsole console, string name, Func<Task<bool>> run)
    {
        try
        {
            return await run() ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception exception) when (exception is SampleException or SaslConfigurationException or SasldbException or IOException or SocketException)
        {
            await console.Error.WriteLineAsync($"sasl {name}: {exception.Message}");
            return ExitCode.Failure;
        }
    }
}
