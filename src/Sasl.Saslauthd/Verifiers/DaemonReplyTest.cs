namespace Sasl.Saslauthd;

/// <summary>Says whether a reply is complete.</summary>
/// <param name="received">All that was received.</param>
/// <param name="ended">Whether no more will come.</param>
internal delegate bool DaemonReplyTest(ReadOnlySpan<byte> received, bool ended);
