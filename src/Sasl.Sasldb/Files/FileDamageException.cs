namespace Sasl.Sasldb.Files;

/// <summary>A part of a file contradicts itself or its place. Stays inside: a reader first asks whether a writer came between.</summary>
/// <param name="what">A constant, or numbers of pages and places; never what is in the file.</param>
internal sealed class FileDamageException(string what) : Exception(what);
