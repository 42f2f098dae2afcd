namespace Sasl.Saslauthd;

/// <summary>What the pwcheck daemon says: one text, without a count.</summary>
internal static class PwcheckReply
{
    private const int WordLength = 2;

    /// <summary>Judges a reply.</summary>
    /// <param name="reply">All that came until the daemon closed.</param>
    /// <param name="reason">The words, for the administrator; empty for a plain yes.</param>
    /// <returns><see cref="PasswordOutcome.Unavailable"/> when the daemon says that it could not read the question.</returns>
    public static PasswordOutcome Judge(ReadOnlySpan<byte> reply, out ReadOnlySpan<byte> reason)
    {
        reason = reply.Trim(" \t\r\n\0"u8);
        if (reason.StartsWith("OK"u8) && (reason.Length == WordLength || reason[WordLength] <= (byte)' '))
        {
            reason = reason[WordLength..].TrimStart((byte)' ');
            return PasswordOutcome.Match;
        }
        return reason.SequenceEqual("Userid not found"u8) ? PasswordOutcome.UnknownUser
            : reason.SequenceEqual("Account disabled"u8) ? PasswordOutcome.Disabled
            : reason.SequenceEqual("Request too big"u8) || reason.SequenceEqual("Error reading request"u8) ? PasswordOutcome.Unavailable
            : PasswordOutcome.Mismatch;
    }
}
