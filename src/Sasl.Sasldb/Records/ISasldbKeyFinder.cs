namespace Sasl.Sasldb.Records;

/// <summary>Finds a record by its key in a form that is not in the order of names.</summary>
internal interface ISasldbKeyFinder
{
    /// <summary>Whether there is one.</summary>
    /// <param name="key">The key.</param>
    bool Has(scoped ReadOnlySpan<byte> key);
}
