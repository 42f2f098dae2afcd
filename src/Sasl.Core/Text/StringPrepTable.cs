namespace Sasl;

/// <summary>The tables of RFC 3454 that a code point stands in; tools/stringprep/generate.py has the same order of bits.</summary>
[Flags]
internal enum StringPrepTable
{
    /// <summary>No table that matters here.</summary>
    None = 0,

    /// <summary>A.1: unassigned in Unicode 3.2.</summary>
    A1 = 1 << 0,

    /// <summary>B.1: commonly mapped to nothing.</summary>
    B1 = 1 << 1,

    /// <summary>C.1.2: space characters outside ASCII.</summary>
    C12 = 1 << 2,

    /// <summary>C.2.1: control characters of ASCII.</summary>
    C21 = 1 << 3,

    /// <summary>C.2.2: control characters outside ASCII.</summary>
    C22 = 1 << 4,

    /// <summary>C.3: private use.</summary>
    C3 = 1 << 5,

    /// <summary>C.4: non-characters.</summary>
    C4 = 1 << 6,

    /// <summary>C.5: surrogates.</summary>
    C5 = 1 << 7,

    /// <summary>C.6: inappropriate for plain text.</summary>
    C6 = 1 << 8,

    /// <summary>C.7: inappropriate for canonical representation.</summary>
    C7 = 1 << 9,

    /// <summary>C.8: change display properties, or deprecated.</summary>
    C8 = 1 << 10,

    /// <summary>C.9: tagging characters.</summary>
    C9 = 1 << 11,

    /// <summary>D.1: bidirectional categories R and AL ("RandALCat").</summary>
    D1 = 1 << 12,

    /// <summary>D.2: bidirectional category L ("LCat").</summary>
    D2 = 1 << 13,
}
