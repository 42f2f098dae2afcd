namespace Sasl.Saslauthd;

/// <summary>The file that hashes are in as a rule, beside whatever else nsswitch.conf names.</summary>
internal static class ShadowFile
{
    private const string Path = "/etc/shadow";

    /// <summary>Why this process cannot read it, as a clause; null when it can, or when there is none.</summary>
    public static string? WhyUnreadable()
    {
        try
        {
            using (File.OpenHandle(Path))
                return null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"{Path} can be read by root and the group shadow only, and this process runs as {Environment.UserName}";
        }
        catch (IOException)
        {
            return null;
        }
    }
}
