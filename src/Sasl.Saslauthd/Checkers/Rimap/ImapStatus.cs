namespace Sasl.Saslauthd;

/// <summary>How an IMAP server ended a command.</summary>
internal enum ImapStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Not done.</summary>
    No,

    /// <summary>Not understood.</summary>
    Bad,

    /// <summary>It waits for the octets of a literal.</summary>
    Continue,
}
