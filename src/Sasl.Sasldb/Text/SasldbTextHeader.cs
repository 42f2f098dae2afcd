namespace Sasl.Sasldb.Text;

/// <summary>What the lines before the data say. Those that are about the inside of a file, such as <c>db_pagesize</c>, are passed over.</summary>
internal sealed class SasldbTextHeader
{
    private bool _isFromMdbDump;
    private bool? _isPrint;

    /// <summary>Whether octets stand for themselves where they can; else each is two hexadecimal digits.</summary>
    public bool IsPrint => _isPrint ?? false;

    /// <summary>Looks at the first line.</summary>
    /// <param name="number">Its number, for complaints.</param>
    /// <param name="line">The line.</param>
    /// <exception cref="SasldbTextException">It begins another kind of text.</exception>
    public static void RequireVersion(long number, ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual(SasldbText.Version))
            return;
        throw new SasldbTextException(number, line.StartsWith("# GDBM dump file"u8)
            ? "this is the text of gdbm_dump, which is not read; read the GDBM file itself"
            : "VERSION=3 is expected here, as sasl users --export, db_dump and mdb_dump begin");
    }

    /// <summary>Takes a line of the header.</summary>
    /// <param name="number">Its number, for complaints.</param>
    /// <param name="line">The line.</param>
    /// <returns>False when it was the last.</returns>
    /// <exception cref="SasldbTextException">What follows could not be read, or is no sasldb.</exception>
    public bool Take(long number, ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual(SasldbText.HeaderEnd))
        {
            RequireUnambiguous(number);
            return false;
        }
        if (number > SasldbText.MaxHeaderLines)
            throw new SasldbTextException(number, $"HEADER=END is expected within the first {SasldbText.MaxHeaderLines} lines");
        int equals = line.IndexOf((byte)'=');
        if (equals <= 0)
            throw new SasldbTextException(number, "a line of the header, such as format=print, or HEADER=END is expected here");
        TakeOption(number, line[..equals], line[(equals + 1)..]);
        return true;
    }

    private void TakeOption(long number, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("format"u8))
        {
            _isPrint = value.SequenceEqual("print"u8) || (value.SequenceEqual("bytevalue"u8)
                ? false
                : throw new SasldbTextException(number, "format=print or format=bytevalue is expected here"));
        }
        else if (name.SequenceEqual("type"u8) && !value.SequenceEqual("hash"u8) && !value.SequenceEqual("btree"u8))
        {
            throw new SasldbTextException(number, "type=hash or type=btree is expected here; a sasldb is of no other type");
        }
        else if (name.SequenceEqual("keys"u8) && !value.SequenceEqual("1"u8))
        {
            throw new SasldbTextException(number, "keys=1 is expected here; a sasldb's records have keys");
        }
        else if (name.SequenceEqual("duplicates"u8) && !value.SequenceEqual("0"u8))
        {
            throw new SasldbTextException(number, "duplicates=0 is expected here; a key of a sasldb has one record");
        }
        else if (name.SequenceEqual("mapsize"u8))
        {
            _isFromMdbDump = true;
        }
    }

    // mdb_dump -p of LMDB 0.9.24 writes a backslash as it is: "\41" may be three octets or one.
    private void RequireUnambiguous(long number)
    {
        if (_isPrint is null)
            throw new SasldbTextException(number, "format=print or format=bytevalue is expected before HEADER=END");
        if (_isFromMdbDump && IsPrint)
            throw new SasldbTextException(number, "this is the text of mdb_dump -p, which may not tell a backslash from an escape; use mdb_dump without -p");
    }
}
