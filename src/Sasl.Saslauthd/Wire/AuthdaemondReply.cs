namespace Sasl.Saslauthd;

/// <summary>What authdaemond says: lines, of which one is the answer.</summary>
internal static class AuthdaemondReply
{
    /// <summary>Finds the answer: of the lines that are complete, the first that is <c>.</c> or <c>FAIL</c>.</summary>
    /// <param name="received">All that was received.</param>
    /// <returns>Whether it is yes; null when there is none.</returns>
    public static bool? FindAnswer(ReadOnlySpan<byte> received)
    {
        for (int end; (end = received.IndexOf((byte)'\n')) >= 0; received = received[(end + 1)..])
        {
            ReadOnlySpan<byte> line = received[..end];
            if (line.SequenceEqual("."u8))
                return true;
            if (line.SequenceEqual("FAIL"u8))
                return false;
        }
        return null;
    }
}
