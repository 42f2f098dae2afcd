namespace Sasl.Sasldb;

/// <summary>A sasldb file cannot be used. The message names the file and says what to do; it never contains a secret.</summary>
/// <remarks>Thrown where an administrator is the caller. A lookup throws <see cref="SaslUnavailableException"/> around it.</remarks>
public sealed class SasldbException : IOException
{
    /// <summary>Says what is wrong with a file.</summary>
    /// <param name="fault">What is wrong, for programs.</param>
    /// <param name="path">Which file.</param>
    /// <param name="message">A sentence for the administrator; never contains a secret.</param>
    /// <param name="innerException">What the system reported, where it did.</param>
    public SasldbException(SasldbFault fault, string path, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
        Path = path;
    }

    /// <summary>What is wrong, for programs.</summary>
    public SasldbFault Fault { get; }

    /// <summary>Which file.</summary>
    public string Path { get; }
}
