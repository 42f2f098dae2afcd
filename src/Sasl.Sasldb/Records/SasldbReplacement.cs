using System.Security.Cryptography;

namespace Sasl.Sasldb.Records;

/// <summary>Compares and replaces within one transaction.</summary>
internal static class SasldbReplacement
{
    /// <summary>Replaces the expected value.</summary>
    /// <param name="writer">The transaction.</param>
    /// <param name="key">The record's key.</param>
    /// <param name="expected">The value it must have; null when there must be none.</param>
    /// <param name="replacement">The new value; null removes the record.</param>
    /// <returns>False when it was not there, and nothing was done.</returns>
    public static bool TryApply(ISasldbWriter writer, byte[] key, ReadOnlyMemory<byte>? expected, byte[]? replacement)
    {
        byte[]? record = writer.Get(key);
        try
        {
            bool isExpected = record is null || expected is null
                ? record is null && expected is null
                : CryptographicOperations.FixedTimeEquals(record, expected.Value.Span);
            if (!isExpected)
                return false;
            if (replacement is not null)
                writer.Put(key, replacement);
            else
                writer.Remove(key);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(record);
        }
    }
}
