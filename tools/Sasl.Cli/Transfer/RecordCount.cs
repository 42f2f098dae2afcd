using System.Globalization;

namespace Sasl.Cli;

/// <summary>Numbers of things, in words.</summary>
internal static class RecordCount
{
    /// <summary>"1 record" or "2 records".</summary>
    public static string Of(long records) => Of(records, "record");

    /// <summary>One, or many, of something.</summary>
    public static string Of(long number, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");
}
