namespace Sasl;

/// <summary>Which side sends the first message of an exchange.</summary>
public enum SaslFirstMove
{
    /// <summary>The client; a server asked to start without an initial response sends an empty challenge first.</summary>
    Client,

    /// <summary>The server; an initial response is a protocol error.</summary>
    Server,

    /// <summary>Either. The server's exchange copes with an empty first input; the client's is stepped once before the server has spoken, and
    /// what it writes then is the initial response, or nothing is (LOGIN, DIGEST-MD5).</summary>
    Either,
}
