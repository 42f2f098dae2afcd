namespace Sasl.Saslauthd;

/// <summary>What a <see cref="SaslauthdCache"/> has done since it was made.</summary>
/// <param name="Capacity">How many logins it can keep.</param>
/// <param name="Entries">How many it keeps that have not expired.</param>
/// <param name="Timeout">How long it keeps one.</param>
/// <param name="Hits">Questions that it answered.</param>
/// <param name="Misses">Questions that went to the checker.</param>
/// <param name="Flushes">How often it was emptied.</param>
public sealed record SaslauthdCacheStatistics(int Capacity, int Entries, TimeSpan Timeout, long Hits, long Misses, long Flushes);
