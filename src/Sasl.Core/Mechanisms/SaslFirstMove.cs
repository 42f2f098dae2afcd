namespace Sasl;

/// <summary>Which side sends the first message of an exchange.</summary>
public enum SaslFirstMove
{
    /// <summary>The client; a server asked to start without an initial response sends an empty challenge first.</summary>
    Client,

    /// <summary>The server; an initial response is a protocol error.</summary>
    Server,

    /// <summary>Either; the exchange itself copes with an empty first input (LOGIN).</summary>
    Either,
}
