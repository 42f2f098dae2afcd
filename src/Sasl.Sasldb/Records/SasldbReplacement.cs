using System.Security.Cryptography;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Records;

/// <summary>Compares and replaces within one transaction.</summary>
internal static class SasldbReplacement
{
    /// <summary>Replaces the expected value.</summary>
    /// <returns>False when it was not there, and nothing was done.</returns>
    public static bool TryApply(
        ISasldbWriter writer, byte[] key, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement)
    {
        byte[]? record = writer.Get(key);
        try
        {
            if (record is null != expected is null)
                return false;
            List<ReadOnlyMemory<byte>> values = record is null ? [] : Split(property, record);
            int place = record is null ? -1 : values.FindIndex(value => CryptographicOperations.FixedTimeEquals(value.Span, expected!.Value.Span));
            if (record is not null && place < 0)
                return false;
            if (place >= 0)
                values.RemoveAt(place);
            if (replacement is { } value)
                values.Insert(Math.Max(place, 0), value);
            Write(writer, key, property, values);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(record);
        }
    }

    private static void Write(ISasldbWriter writer, byte[] key, string property, List<ReadOnlyMemory<byte>> values)
    {
        if (values.Count == 0)
        {
            writer.Remove(key);
            return;
        }
        byte[] record = SasldbValues.Join(property, values);
        writer.Put(key, record);
        CryptographicOperations.ZeroMemory(record);
    }

    private static List<ReadOnlyMemory<byte>> Split(string property, byte[] record)
    {
        var values = new List<ReadOnlyMemory<byte>>();
        ReadOnlySpan<byte> rest = record;
        do
        {
            int from = record.Length - rest.Length;
            values.Add(record.AsMemory(from, SasldbValues.TakeFirst(property, ref rest).Length));
        }
        while (!rest.IsEmpty);
        return values;
    }
}
