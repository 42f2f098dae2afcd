namespace Sasl.Cli;

/// <summary>Takes a password or a token from where options such as <c>--password-file</c> or <c>--password-env</c> say it is.</summary>
internal static class PasswordSource
{
    /// <summary>The secret; null when neither is given. The caller disposes it.</summary>
    /// <param name="file">The file; null for none.</param>
    /// <param name="variable">The variable; null for none.</param>
    /// <param name="option">What the two options begin with.</param>
    /// <exception cref="SmtpToolException">The file or the variable is not there.</exception>
    public static SaslSecret? Given(string? file, string? variable, string option = "--password")
    {
        try
        {
            return GivenSecret.Read(file, variable, option);
        }
        catch (IOException exception)
        {
            throw new SmtpToolException(ExitCode.Usage, exception.Message);
        }
    }
}
