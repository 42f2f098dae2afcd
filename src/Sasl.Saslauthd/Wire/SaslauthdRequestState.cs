namespace Sasl.Saslauthd;

/// <summary>How much of a request has arrived.</summary>
internal enum SaslauthdRequestState
{
    /// <summary>Fewer than four strings are complete.</summary>
    Incomplete,

    /// <summary>Four strings are complete. A client of 2.1.28's sends no more; one of the development version's may still send the fifth.</summary>
    FourStrings,

    /// <summary>Five strings are complete: nothing more is read.</summary>
    FiveStrings,

    /// <summary>A string is longer than <see cref="SaslauthdWire.MaxFieldLength"/>: the request is refused.</summary>
    TooLong,

    /// <summary>A string contains a NUL: the request is refused.</summary>
    HasNul,
}
