namespace Sasl.Sasldb.Berkeley;

/// <summary>Numbers of the hash form that more than one class needs.</summary>
internal static class BerkeleyLayout
{
    /// <summary>The smallest page there is.</summary>
    public const int MinPageSize = 512;

    /// <summary>The largest page there is.</summary>
    public const int MaxPageSize = 65536;

    /// <summary>The size of pages of files that are made: what Berkeley DB takes on most file systems.</summary>
    public const int NewPageSize = 4096;

    /// <summary>The meaningful octets of page 0, whatever the page size is; its checksum is over them.</summary>
    public const int MetaLength = 512;

    /// <summary>The header of every page but the first. On pages of items their places follow, two octets each.</summary>
    public const int PageHeader = 26;

    /// <summary>The header where pages have checksums.</summary>
    public const int PageHeaderWithChecksum = 32;

    /// <summary>Where the checksum of a page stands.</summary>
    public const int PageChecksumAt = 28;

    /// <summary>Where the checksum of page 0 stands.</summary>
    public const int MetaChecksumAt = 492;

    /// <summary>The field of the checksum of page 0, of which the first four octets are used.</summary>
    public const int MetaChecksumLength = 20;

    /// <summary>A page without use.</summary>
    public const byte UnusedPage = 0;

    /// <summary>A page of records in any order, as Berkeley DB before 4.6 wrote them.</summary>
    public const byte UnsortedPage = 2;

    /// <summary>A page that holds a part of a long key or value.</summary>
    public const byte LongPage = 7;

    /// <summary>Page 0.</summary>
    public const byte MetaPage = 8;

    /// <summary>A page of records in the order of their keys.</summary>
    public const byte SortedPage = 13;

    /// <summary>An item that holds its octets.</summary>
    public const byte ShortItem = 1;

    /// <summary>An item that holds several values.</summary>
    public const byte DuplicatesItem = 2;

    /// <summary>An item that says where its octets are.</summary>
    public const byte LongItem = 3;

    /// <summary>An item that says where its several values are.</summary>
    public const byte DuplicateTreeItem = 4;

    /// <summary>How long a <see cref="LongItem"/> is: kind, three octets of anything, first page, length.</summary>
    public const int LongItemLength = 12;

    /// <summary>The longest key: the buffer that Cyrus SASL reads keys into.</summary>
    public const int MaxKey = 32768;

    /// <summary>The longest value that can be one of a sasldb; Cyrus SASL reads 8,192 octets.</summary>
    public const int MaxValue = 1024 * 1024;

    /// <summary>The most levels of doubling a file can have.</summary>
    public const int Levels = 32;
}
