namespace Sasl.Sasldb.Gdbm;

/// <summary>What a file's first number says about it.</summary>
/// <param name="Magic">That number, its octets in the right order.</param>
internal readonly record struct GdbmKind(uint Magic)
{
    private const uint Old = 0x13579ACE;            // before there were two lengths of offsets; of either
    private const uint Short = 0x13579ACD;
    private const uint Long = 0x13579ACF;
    private const uint ExtendedShort = 0x13579AD0;
    private const uint ExtendedLong = 0x13579AD1;

    /// <summary>What libgdbm makes unless it is asked for the extended form.</summary>
    public static GdbmKind Standard => new(Long);

    /// <summary>Whether there is such a number.</summary>
    public bool IsOne => Magic is Old or Short or Long or ExtendedShort or ExtendedLong;

    /// <summary>Whether the header has an extension.</summary>
    public bool IsExtended => Magic is ExtendedShort or ExtendedLong;

    /// <summary>The octets between the file's beginning and the free list.</summary>
    /// <param name="layout">The layout.</param>
    public int SpacesAt(GdbmLayout layout) => layout.HeaderLength + (IsExtended ? GdbmLayout.ExtensionLength : 0);

    /// <summary>Whether a file of this kind may be of a layout.</summary>
    /// <param name="layout">The layout.</param>
    public bool Allows(GdbmLayout layout) => Magic == Old || (Magic is Long or ExtendedLong) == (layout.Word == sizeof(long));
}
