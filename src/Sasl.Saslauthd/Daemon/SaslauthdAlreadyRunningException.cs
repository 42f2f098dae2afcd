namespace Sasl.Saslauthd;

/// <summary>Another saslauthd, ours or the original, serves the same run directory. Nothing of it was touched.</summary>
public sealed class SaslauthdAlreadyRunningException : Exception
{
    /// <summary>Says where.</summary>
    /// <param name="runDirectory">The run directory.</param>
    public SaslauthdAlreadyRunningException(string runDirectory)
        : base($"Another instance of saslauthd is currently running (in {runDirectory}).")
    {
    }
}
