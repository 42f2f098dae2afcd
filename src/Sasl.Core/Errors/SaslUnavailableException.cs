namespace Sasl;

/// <summary>A back end cannot answer now. The session turns it into a temporary failure, never into a wrong password.</summary>
public sealed class SaslUnavailableException : Exception
{
    /// <summary>Says what is unavailable.</summary>
    /// <param name="message">For the administrator; never contains a secret or what a peer sent.</param>
    public SaslUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is unavailable, and what the system reported.</summary>
    /// <param name="message">For the administrator; never contains a secret or what a peer sent.</param>
    /// <param name="innerException">What the system reported.</param>
    public SaslUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
