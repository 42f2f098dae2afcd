namespace Sasl.Saslauthd;

/// <summary>What a <see cref="SaslauthdServer"/> has done since it was started.</summary>
/// <param name="Requests">Requests answered, however.</param>
/// <param name="Accepted">Those answered <c>OK</c>.</param>
/// <param name="Unavailable">Those that the checker could not answer.</param>
/// <param name="Connections">Connections under way.</param>
/// <param name="Dropped">Connections closed without an answer: half a request, too slow, or silent while others needed the place.</param>
public sealed record SaslauthdStatistics(long Requests, long Accepted, long Unavailable, int Connections, long Dropped);
