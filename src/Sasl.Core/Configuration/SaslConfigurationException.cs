namespace Sasl;

/// <summary>The configuration cannot work. Thrown while starting, never while authenticating.</summary>
/// <remarks>The message names the file and line where there is one, and the words that would have been accepted.</remarks>
public sealed class SaslConfigurationException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">A sentence for the administrator; never contains a secret.</param>
    public SaslConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and what the system reported.</summary>
    /// <param name="message">A sentence for the administrator; never contains a secret.</param>
    /// <param name="innerException">What the system reported.</param>
    public SaslConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says what is wrong, and where.</summary>
    /// <param name="place">Where; it begins the message.</param>
    /// <param name="problem">A sentence for the administrator; never contains a secret.</param>
    /// <param name="innerException">What the system reported, if it did.</param>
    public SaslConfigurationException(SaslConfigurationPosition place, string problem, Exception? innerException = null)
        : base($"{place}: {problem}", innerException) =>
        Place = place;

    /// <summary>Where it is wrong; null when no one place is to blame.</summary>
    public SaslConfigurationPosition? Place { get; }
}
