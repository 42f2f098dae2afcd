using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Sasl.Sasldb.Files;

/// <summary>
/// Names for files of secrets that are made beside their place and renamed when they are whole, by those who hold no lock meanwhile. The name
/// says which process makes it: so whoever comes next can tell, and remove, what a killed one left behind.
/// </summary>
internal static class FileDraft
{
    private const int NameDigits = 8;
    private const string Suffix = ".unfinished";

    /// <summary>A name that nobody else takes.</summary>
    /// <param name="place">Where the file is to be in the end, as an absolute path.</param>
    public static string NameFor(string place) => Path.Combine(
        Path.GetDirectoryName(place) ?? "/",
        string.Create(
            CultureInfo.InvariantCulture,
            $".{Path.GetFileName(place)}.{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(NameDigits, lowercase: true)}{Suffix}"));

    /// <summary>Removes what processes that are no more made for a place, and what was made beside that.</summary>
    /// <param name="place">The place.</param>
    public static void RemoveAbandoned(string place)
    {
        string? folder = Path.GetDirectoryName(place);
        if (folder is null || !Directory.Exists(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            if (MakerOf(Path.GetFileName(file), Path.GetFileName(place)) is { } process && !IsAlive(process))
                File.Delete(file);
        }
    }

    private static int? MakerOf(string file, string name)
    {
        // A draft may have a lock file and a draft of its own.
        ReadOnlySpan<char> rest = file.AsSpan().TrimStart('.');
        name = name.TrimStart('.');
        if (!file.StartsWith('.') || !rest.StartsWith(name, StringComparison.Ordinal) || !rest.Contains(Suffix, StringComparison.Ordinal))
            return null;
        rest = rest[name.Length..];
        int end = rest.IndexOf('-');
        return end > 1 && rest[0] == '.' && int.TryParse(rest[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;
    }

    private static bool IsAlive(int process)
    {
        try
        {
            Process.GetProcessById(process).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
