namespace Sasl.Smtp;

/// <summary>How a client's AUTH ended.</summary>
public sealed record SmtpAuthResult
{
    /// <summary>None after success; otherwise why not, whether the server said so or this side did.</summary>
    public required SaslError Error { get; init; }

    /// <summary>The mechanism used last; null when none fits both sides.</summary>
    public string? Mechanism { get; init; }

    /// <summary>The code of the reply that ended the exchange; null when there was none.</summary>
    public int? ReplyCode { get; init; }

    /// <summary>The enhanced status code of that reply (RFC 2034), such as <c>5.7.8</c>; null when it has none.</summary>
    public string? EnhancedStatus { get; init; }

    /// <summary>What the server said, for the user: its lines joined, cut at <see cref="MaxServerTextLength"/> characters, control
    /// characters replaced. The server wrote it, so trust nothing in it.</summary>
    public string ServerText { get; init; } = "";

    /// <summary>Why this side failed the exchange, or what a refusal inside the mechanism meant, as a constant; null otherwise.</summary>
    public string? Detail { get; init; }

    /// <summary>When no mechanism fits, the reason for each; otherwise null.</summary>
    public SelectionReport? Selection { get; init; }

    /// <summary>Whether the connection is in an unknown state, or talks to somebody who is not the server: close it without another word.</summary>
    public bool MustDisconnect { get; init; }

    /// <summary>What to wrap the connection in, if anything was negotiated. EHLO must then be sent again, inside it, and what the
    /// first EHLO said is forgotten (RFC 4954 section 4). The caller disposes it.</summary>
    public SaslSecurityLayer? SecurityLayer { get; init; }

    /// <summary>The longest <see cref="ServerText"/>, in characters.</summary>
    public const int MaxServerTextLength = 512;

    /// <summary>Whether the client is logged in.</summary>
    public bool IsSuccess => Error is SaslError.None;

    /// <summary>Whether the server has said that the credentials are wrong, by 535 or inside the mechanism: asking the user again makes
    /// sense, repeating does not.</summary>
    public bool CredentialsRefused => Error is SaslError.InvalidCredentials;

    /// <summary>Whether the same attempt may succeed later: a reply of the 4xx kind other than 432, or a connection that ended.</summary>
    public bool IsTemporary => Error is SaslError.TemporaryFailure;

    /// <summary>The outcome for a log, without anything the server wrote but its codes.</summary>
    public override string ToString()
    {
        string code = ReplyCode is null ? "" : EnhancedStatus is null ? $" ({ReplyCode})" : $" ({ReplyCode} {EnhancedStatus})";
        string detail = Detail is null ? "" : $": {Detail}";
        return $"{(IsSuccess ? "Success" : Error.ToString())}{(Mechanism is null ? "" : $" with {Mechanism}")}{code}{detail}";
    }
}
