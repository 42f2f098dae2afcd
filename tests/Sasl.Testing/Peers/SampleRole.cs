namespace Sasl.Testing.Peers;

/// <summary>The side that a program plays in Cyrus's sample protocol.</summary>
public enum SampleRole
{
    /// <summary>It prints "S: " lines and reads "C: " lines.</summary>
    Server,

    /// <summary>It prints "C: " lines and reads "S: " lines.</summary>
    Client,
}
