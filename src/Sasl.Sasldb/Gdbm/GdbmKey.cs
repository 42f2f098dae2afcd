using System.Diagnostics.CodeAnalysis;

namespace Sasl.Sasldb.Gdbm;

/// <summary>A key and its hash, in the order of the file.</summary>
/// <param name="Hash">The hash by which it is or will be stored.</param>
/// <param name="Key">The key.</param>
[SuppressMessage("Design", "CA1036:Override methods on comparable types", Justification = "Only ever a key of a sorted dictionary.")]
internal readonly record struct GdbmKey(int Hash, byte[] Key) : IComparable<GdbmKey>
{
    /// <inheritdoc/>
    public int CompareTo(GdbmKey other) => GdbmPage.Compare(Hash, Key, other.Hash, other.Key);
}
