namespace Sasl.Sasldb.Records;

/// <summary>What can be done within one writing transaction.</summary>
internal interface ISasldbWriter
{
    /// <summary>Reads a record, as it is after what this transaction did so far.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>A copy of its value; null when there is none.</returns>
    byte[]? Get(ReadOnlySpan<byte> key);

    /// <summary>Stores a record, over one that may be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value; copied.</param>
    void Put(byte[] key, ReadOnlySpan<byte> value);

    /// <summary>Removes a record.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>False when there was none.</returns>
    bool Remove(ReadOnlySpan<byte> key);

    /// <summary>Lists the keys that begin alike.</summary>
    /// <param name="prefix">How they begin.</param>
    IReadOnlyList<byte[]> KeysBeginningWith(byte[] prefix);
}
