namespace Sasl.Sasldb.Text;

/// <summary>What the text form is made of: that of db_dump and mdb_dump, "VERSION=3".</summary>
/// <remarks>
/// <code>
/// VERSION=3
/// format=print
/// type=btree
/// HEADER=END
///  alice\00example.com\00userPassword
///  pencil
/// DATA=END
/// </code>
/// After the header, lines in pairs, a key and its value, each behind one blank. <c>format=print</c>: octets that are printable in ASCII
/// stand for themselves, others are a backslash and two hexadecimal digits. <c>format=bytevalue</c>: two digits for each octet.
/// </remarks>
internal static class SasldbText
{
    /// <summary>The longest key: what Cyrus SASL's code makes room for.</summary>
    public const int MaxKeyLength = 32 * 1024;

    /// <summary>The longest value, in octets: what any form's reader takes. Cyrus SASL reads 8,192.</summary>
    public const int MaxValueLength = 1024 * 1024;

    /// <summary>How many octets of text an octet may take.</summary>
    public const int MostPerOctet = 3;

    /// <summary>The longest line.</summary>
    public const int MaxLineLength = 1 + (MostPerOctet * MaxValueLength);

    /// <summary>How many lines a header may have; those of the tools have about ten.</summary>
    public const int MaxHeaderLines = 100;

    /// <summary>What every line of data begins with.</summary>
    public const byte Lead = (byte)' ';

    /// <summary>What an octet in hexadecimal begins with.</summary>
    public const byte Escape = (byte)'\\';

    /// <summary>
    /// The header that is written. <c>type=btree</c> because mdb_load takes no other, and db_load takes it with <c>-t hash</c>, but not a
    /// text without.
    /// </summary>
    public static ReadOnlySpan<byte> Header => "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n"u8;

    /// <summary>The first line.</summary>
    public static ReadOnlySpan<byte> Version => "VERSION=3"u8;

    /// <summary>The last line of the header.</summary>
    public static ReadOnlySpan<byte> HeaderEnd => "HEADER=END"u8;

    /// <summary>The last line.</summary>
    public static ReadOnlySpan<byte> DataEnd => "DATA=END"u8;
}
