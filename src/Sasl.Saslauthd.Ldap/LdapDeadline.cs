namespace Sasl.Saslauthd;

/// <summary>How long one login still has: each answer its time, and all of them together theirs.</summary>
internal sealed class LdapDeadline(TimeSpan each, TimeProvider clock, CancellationToken cancellationToken)
{
    /// <summary>A connection, a bind, a search and a bind: so many times one answer's time is the limit of a login.</summary>
    public const int Answers = 4;

    /// <summary>What measures the time.</summary>
    public TimeProvider Clock => clock;

    private readonly long _start = clock.GetTimestamp();

    /// <summary>How long the next answer may take.</summary>
    /// <exception cref="LdapFault">No time is left.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for the login any more.</exception>
    public TimeSpan Next()
    {
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan left = (each * Answers) - clock.GetElapsedTime(_start);
        return left <= TimeSpan.Zero ? throw new LdapFault("login", LdapCode.Timeout, $"not done within {(each * Answers).TotalSeconds} seconds")
            : left < each ? left
            : each;
    }
}
