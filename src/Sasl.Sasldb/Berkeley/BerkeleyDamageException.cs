namespace Sasl.Sasldb.Berkeley;

/// <summary>A page contradicts itself or its place. Stays inside: a reader first asks whether a writer came between.</summary>
/// <param name="what">A constant, or numbers of pages; never what is on the page.</param>
internal sealed class BerkeleyDamageException(string what) : Exception(what);
