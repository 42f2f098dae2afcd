namespace Sasl.Kerberos;

/// <summary>What is asked of a context, and what it has (RFC 2743 section 1.2, RFC 2744; the last one is MIT's, since 1.19, and Heimdal's).</summary>
[Flags]
internal enum GssFlags : uint
{
    None = 0,
    Delegate = 1,
    Mutual = 2,
    Replay = 4,
    Sequence = 8,
    Confidentiality = 16,
    Integrity = 32,
    ChannelBound = 2048,
}
