namespace Sasl.Saslauthd;

/// <summary>One way in which the daemon checks passwords, by the name that <c>saslauthd -a</c> has for it.</summary>
/// <param name="Name">The name, such as <c>pam</c>.</param>
/// <param name="Make">Makes the verifier. Throws <see cref="SaslConfigurationException"/> when it cannot work as configured; the daemon does not
/// start then. What it returns is disposed with the daemon where it can be.</param>
public sealed record SaslauthdChecker(string Name, Func<SaslauthdCheckerContext, IPasswordVerifier> Make)
{
    /// <summary>Why this machine cannot have it, as a clause for the administrator; null where it can.</summary>
    public string? MissingOnPlatform { get; init; }
}
