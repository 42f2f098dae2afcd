namespace Sasl.Saslauthd;

/// <summary>The IMAP server said what cannot be used. The message is one of the original's constants and repeats nothing that it said.</summary>
internal sealed class ImapException(string reason, string detail) : Exception(reason)
{
    /// <summary>What exactly, for the administrator.</summary>
    public string Detail => detail;
}
