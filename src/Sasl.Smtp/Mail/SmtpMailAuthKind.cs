namespace Sasl.Smtp;

/// <summary>What a MAIL command says about who submitted the message.</summary>
public enum SmtpMailAuthKind
{
    /// <summary>Nothing; to be treated as <see cref="Nobody"/>.</summary>
    Absent,

    /// <summary><c>AUTH=&lt;&gt;</c>: unknown, or not to be told.</summary>
    Nobody,

    /// <summary>A mailbox.</summary>
    Mailbox,

    /// <summary>Something that is not of the form RFC 4954 section 5 gives: answer with <see cref="SmtpReplies.BadMailAuth"/>.</summary>
    Malformed,
}
