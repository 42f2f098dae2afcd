using System.Buffers.Binary;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What a server says about itself in its challenge: AV_PAIR structures, MS-NLMP section 2.2.2.1. Attribute and length, 2 octets each, and value.</summary>
internal static class NtlmTargetInfo
{
    private const int HeaderLength = 4;
    private const int TimeLength = 8;
    private const int NetBiosNameLength = 15;

    private enum Attribute : ushort
    {
        End = 0,
        NetBiosComputerName = 1,
        NetBiosDomainName = 2,
        DnsComputerName = 3,
        Timestamp = 7,
    }

    /// <summary>The pairs of a server: its short name, which is its domain's as well, and its whole name.</summary>
    public static byte[] Make(string serverName)
    {
        string name = serverName.Split('.')[0].ToUpperInvariant();
        name = name[..Math.Min(name.Length, NetBiosNameLength)];
        var pairs = new List<byte>();
        Append(pairs, Attribute.NetBiosDomainName, name);
        Append(pairs, Attribute.NetBiosComputerName, name);
        Append(pairs, Attribute.DnsComputerName, serverName);
        Append(pairs, Attribute.End, "");
        return [.. pairs];
    }

    /// <summary>Whether there are whole pairs up to the one that ends them.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> pairs)
    {
        while (TryNext(ref pairs, out Attribute attribute, out _))
        {
            if (attribute is Attribute.End)
                return true;
        }
        return false;
    }

    /// <summary>The server's time, in units of 100 nanoseconds since 1601; null when it does not say.</summary>
    public static ulong? TimeOf(ReadOnlySpan<byte> pairs)
    {
        while (TryNext(ref pairs, out Attribute attribute, out ReadOnlySpan<byte> value) && attribute is not Attribute.End)
        {
            if (attribute is Attribute.Timestamp && value.Length == TimeLength)
                return BinaryPrimitives.ReadUInt64LittleEndian(value);
        }
        return null;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> pairs, out Attribute attribute, out ReadOnlySpan<byte> value)
    {
        attribute = default;
        value = default;
        if (pairs.Length < HeaderLength)
            return false;
        attribute = (Attribute)BinaryPrimitives.ReadUInt16LittleEndian(pairs);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(pairs[2..]);
        if (length > pairs.Length - HeaderLength)
            return false;
        value = pairs.Slice(HeaderLength, length);
        pairs = pairs[(HeaderLength + length)..];
        return true;
    }

    private static void Append(List<byte> pairs, Attribute attribute, string value)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        byte[] octets = Encoding.Unicode.GetBytes(value);
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)attribute);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)octets.Length);
        pairs.AddRange(header);
        pairs.AddRange(octets);
    }
}
