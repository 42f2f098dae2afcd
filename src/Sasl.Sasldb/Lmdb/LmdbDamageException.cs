namespace Sasl.Sasldb.Lmdb;

/// <summary>A page contradicts itself or its place. Stays inside: a reader first asks whether a writer came between.</summary>
/// <param name="what">A constant, or numbers of pages; never what is on the page.</param>
internal sealed class LmdbDamageException(string what) : Exception(what);
