namespace Sasl.Sasldb;

/// <summary>A text is not what <see cref="SasldbTextWriter"/>, db_dump or mdb_dump writes. The message names the line and what was expected there.</summary>
/// <remarks>The message never contains what the line says: it may be a secret.</remarks>
public sealed class SasldbTextException : FormatException
{
    /// <summary>Says what is wrong with a line.</summary>
    /// <param name="lineNumber">Which line; the first is 1.</param>
    /// <param name="expected">What was expected, as a sentence without capital and full stop.</param>
    public SasldbTextException(long lineNumber, string expected)
        : base(FormattableString.Invariant($"line {lineNumber}: {expected}")) => LineNumber = lineNumber;

    /// <summary>Which line; the first is 1.</summary>
    public long LineNumber { get; }
}
