using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sasl;

/// <summary>Prepares names and passwords (SASLprep, RFC 4013) and the trace of ANONYMOUS (RFC 4505), so that equal texts have equal octets.</summary>
/// <remarks>
/// <para>
/// Who calls it: names are prepared where a peer's string becomes a user, in the canonicalizer; passwords where they are checked, in the
/// password verifiers, and where SCRAM derives keys from them, on both sides. Whoever sets a password or writes a name to a store calls
/// the stored form; whoever compares calls the query form, and so does a server for a password that another program has stored in plain
/// text, since nobody knows whether that one was prepared. To prepare a prepared string changes nothing.
/// </para>
/// <para>
/// Everything follows Unicode 3.2, as RFC 3454 requires, from tables inside this assembly: the result is the same on every machine, with
/// or without ICU, in invariant mode and after AOT compilation. What Unicode assigned later passes a query unchanged and not normalised.
/// </para>
/// <para>
/// A string is refused when it is not well-formed UTF-8 (or UTF-16), is longer than <see cref="MaxOctets"/>, holds a prohibited code
/// point, or mixes directions. Why is not said, since the text may be a secret. An empty string is prepared as an empty string, and a
/// string may become empty: it is the caller who decides whether that will do. Printable ASCII passes unchanged and costs no allocation.
/// </para>
/// <para>Passwords belong in the octet overloads: no string holds them there, and every buffer in between is erased.</para>
/// </remarks>
public static class SaslPrep
{
    /// <summary>The longest text that is prepared, in octets of UTF-8: 64 KiB. The result may be up to eleven times as long.</summary>
    public const int MaxOctets = 64 * 1024;

    /// <summary>RFC 4013 for strings that are kept: a password being set, a name in a database.</summary>
    /// <remarks>Code points that are unassigned in Unicode 3.2 are refused (RFC 3454 section 7).</remarks>
    /// <param name="utf8">The text.</param>
    /// <param name="output">Receives the prepared text as UTF-8, in one piece; nothing when the text is refused.</param>
    /// <returns>False when the text is refused.</returns>
    public static bool TryStored(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return StringPrep.TryPrepare(utf8, StringPrepProfile.Stored, output);
    }

    /// <summary>RFC 4013 for strings that are compared: a login name, a password being tried.</summary>
    /// <remarks>Code points that are unassigned in Unicode 3.2 pass (RFC 3454 section 7).</remarks>
    /// <param name="utf8">The text.</param>
    /// <param name="output">Receives the prepared text as UTF-8, in one piece; nothing when the text is refused.</param>
    /// <returns>False when the text is refused.</returns>
    public static bool TryQuery(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return StringPrep.TryPrepare(utf8, StringPrepProfile.Query, output);
    }

    /// <summary>RFC 4013 for strings that are kept and are no secrets: a name in a database.</summary>
    /// <remarks>Code points that are unassigned in Unicode 3.2 are refused (RFC 3454 section 7).</remarks>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The prepared text; the same object when nothing had to be looked at.</param>
    /// <returns>False when the text is refused.</returns>
    public static bool TryStored(string text, [NotNullWhen(true)] out string? prepared)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StringPrep.TryPrepare(text, StringPrepProfile.Stored, out prepared);
    }

    /// <summary>RFC 4013 for strings that are compared and are no secrets: a login name.</summary>
    /// <remarks>Code points that are unassigned in Unicode 3.2 pass (RFC 3454 section 7).</remarks>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The prepared text; the same object when nothing had to be looked at.</param>
    /// <returns>False when the text is refused.</returns>
    public static bool TryQuery(string text, [NotNullWhen(true)] out string? prepared)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StringPrep.TryPrepare(text, StringPrepProfile.Query, out prepared);
    }

    /// <summary>The "trace" profile of RFC 4505 section 3, for what an anonymous user says about itself.</summary>
    /// <remarks>Nothing is mapped or normalised, and unassigned code points pass: the text is either refused or unchanged.</remarks>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The same text.</param>
    /// <returns>False when the text is refused.</returns>
    public static bool TryTrace(string text, [NotNullWhen(true)] out string? prepared)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StringPrep.TryPrepare(text, StringPrepProfile.Trace, out prepared);
    }
}
