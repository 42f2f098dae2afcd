using System.Buffers.Binary;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Forms;

/// <summary>Tells from a file's first octets what it is.</summary>
internal static class SasldbFormDetector
{
    /// <summary>How many octets are looked at.</summary>
    public const int HeaderLength = 64;

    private const int BerkeleyMagicAt = 12;
    private const int LmdbMagicAt = 16;
    private const uint LmdbMagic = 0xBEEFC0DE;
    private const uint LmdbDataVersion = 1;    // of LMDB 0.9; LMDB 1.0 writes another

    /// <summary>Refuses what is not in the form that is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its first octets; fewer when it is shorter.</param>
    /// <exception cref="SasldbException">It is something else; the message says what.</exception>
    public static void RequireLmdb(string path, ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderLength)
            throw FileComplaint.Damaged(path, $"it has only {header.Length} octets");
        if (IsLmdb(header))
            return;
        throw new SasldbException(SasldbFault.UnsupportedForm, path, $"{path}: {Describe(header)}");
    }

    private static bool IsLmdb(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[LmdbMagicAt..]) == LmdbMagic
        && BinaryPrimitives.ReadUInt32LittleEndian(header[(LmdbMagicAt + sizeof(uint))..]) == LmdbDataVersion;

    private static string Describe(ReadOnlySpan<byte> header)
    {
        if (Number(header, BerkeleyMagicAt) is 0x061561 or 0x053162 or 0x042253)
            return "this is a Berkeley DB file, as Debian's Cyrus SASL makes it; this form is not supported: add the users to a new file";
        if (Number(header, 0) is >= 0x13579ACD and <= 0x13579AD1)
            return "this is a GDBM file, as Fedora's Cyrus SASL makes it; this form is not supported: add the users to a new file";
        if (header.StartsWith("VERSION="u8))
            return "this is a text dump; load it with mdb_load -n";
        foreach (int place in (ReadOnlySpan<int>)[12, LmdbMagicAt, 24])
        {
            if (Number(header, place) == LmdbMagic)
                return "this is an LMDB file of another version, word size or byte order; copy it with mdb_dump -n there and mdb_load -n here";
        }
        return "this is no sasldb file";
    }

    // Berkeley DB and GDBM write their numbers in the byte order of the machine that made the file.
    private static uint Number(ReadOnlySpan<byte> header, int place)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(header[place..]);
        return number is 0x61150600 or 0x62310500 or 0x53220400 or 0xDEC0EFBE || (number & 0xFFFF) == 0x5713
            ? BinaryPrimitives.ReverseEndianness(number)
            : number;
    }
}
