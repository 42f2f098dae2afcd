namespace Sasl.Saslauthd;

/// <summary>Whether a daemon can be asked, as far as that can be seen without anybody's password.</summary>
/// <param name="Fault">Why not; null when it can.</param>
/// <param name="Text">What was found, as a clause for the administrator, with the socket's path.</param>
public readonly record struct PasswordDaemonState(PasswordDaemonFault? Fault, string Text)
{
    /// <summary>Whether it can be asked.</summary>
    public bool IsReady => Fault is null;
}
