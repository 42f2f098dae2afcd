namespace Sasl.Testing.Peers;

/// <summary>The outcome of one message that Postfix relayed.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="StatusLine">Postfix's log line about it, from "to=&lt;…&gt;" to the reason in parentheses.</param>
/// <param name="Dialogue">The SMTP lines of the connection: "&gt; " is what Postfix sent, "&lt; " what it got (cut at 100 characters).</param>
public sealed record PostfixDelivery(PostfixStatus Status, string StatusLine, IReadOnlyList<string> Dialogue)
{
    /// <summary>Status line and dialogue as one text, for the message of an assertion.</summary>
    public override string ToString() => string.Join('\n', [StatusLine, .. Dialogue]);
}
