namespace Sasl.Sasldb.Gdbm;

/// <summary>A part of the file contradicts itself or its place. Stays inside: a reader first asks whether a writer came between.</summary>
/// <param name="what">A constant, or numbers of places; never what is in the file.</param>
internal sealed class GdbmDamageException(string what) : Exception(what);
