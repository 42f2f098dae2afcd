namespace Sasl.Testing.Peers;

/// <summary>Which of the two sides of a conversation was this library.</summary>
public enum OurSide
{
    /// <summary>Our client authenticated to the peer.</summary>
    Client,

    /// <summary>The peer authenticated to our server.</summary>
    Server,
}
