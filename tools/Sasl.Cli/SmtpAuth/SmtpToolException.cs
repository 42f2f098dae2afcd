namespace Sasl.Cli;

/// <summary>Why a login did not come to its end; the text is for the user.</summary>
/// <param name="exitCode">How the program ends.</param>
/// <param name="message">What happened, and where it helps what to do.</param>
internal sealed class SmtpToolException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
