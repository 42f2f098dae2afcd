namespace Sasl;

/// <summary>A profile of RFC 3454: what it does to a string, and which code points its result may not hold.</summary>
/// <param name="Canonicalizes">Whether it maps C.1.2 to SPACE, B.1 to nothing, and then applies NFKC (RFC 4013 sections 2.1, 2.2).</param>
/// <param name="Prohibited">The tables whose code points are refused in the result. Printable ASCII is in none of them.</param>
internal sealed record StringPrepProfile(bool Canonicalizes, StringPrepTable Prohibited)
{
    // RFC 4505 section 3.
    private const StringPrepTable TraceProhibits =
        StringPrepTable.C21 | StringPrepTable.C22 | StringPrepTable.C3 | StringPrepTable.C4
        | StringPrepTable.C5 | StringPrepTable.C6 | StringPrepTable.C8 | StringPrepTable.C9;

    // RFC 4013 section 2.3.
    private const StringPrepTable SaslPrepProhibits = TraceProhibits | StringPrepTable.C12 | StringPrepTable.C7;

    /// <summary>RFC 4013 for strings that are compared.</summary>
    public static StringPrepProfile Query { get; } = new(Canonicalizes: true, SaslPrepProhibits);

    /// <summary>RFC 4013 for strings that are kept.</summary>
    public static StringPrepProfile Stored { get; } = new(Canonicalizes: true, SaslPrepProhibits | StringPrepTable.A1);

    /// <summary>RFC 4505 section 3.</summary>
    public static StringPrepProfile Trace { get; } = new(Canonicalizes: false, TraceProhibits);
}
