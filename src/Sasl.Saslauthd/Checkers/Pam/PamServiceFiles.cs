using System.Collections.Concurrent;

namespace Sasl.Saslauthd;

/// <summary>Knows which services PAM has a file for. For those it has none, <c>other</c> decides, which as a rule refuses everybody in silence.</summary>
/// <param name="directory">The folder of service files; null for the system's.</param>
/// <param name="warn">Told once for each service without a file.</param>
internal sealed class PamServiceFiles(string? directory, Action<string> warn)
{
    private const int MaxNameLength = 64;
    private const int MaxWarnings = 1000;
    private const string SystemDirectory = "/etc/pam.d";

    // The first is the administrator's; Linux-PAM looks into the others when that has no such file.
    private static readonly string[] s_systemDirectories = [SystemDirectory, "/usr/lib/pam.d", "/usr/share/pam.d"];

    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    /// <summary>Why PAM may not be asked for a service of this name, as a clause; null when it may.</summary>
    /// <remarks>The name becomes the name of a file.</remarks>
    public static string? WhyNoService(string service) =>
        service.Length == 0 ? "the service has no name"
        : service.Length > MaxNameLength ? "the name of the service is too long"
        : service[0] == '.' || service.Any(static character => character is '/' or '\\' || char.IsControl(character) || !char.IsAscii(character))
            ? "the name of the service cannot be that of a file in /etc/pam.d"
        : null;

    /// <summary>The file that is missing for a service, after a warning the first time; null when it is there.</summary>
    public string? FindMissing(string service)
    {
        string name = service.ToLowerInvariant();    // as pam_start(3) does
        if (directory is null && !Directory.Exists(SystemDirectory))
            return null;    // /etc/pam.conf has all services
        string[] folders = directory is null ? s_systemDirectories : [directory];
        if (folders.Any(folder => File.Exists(Path.Combine(folder, name))))
            return null;
        string missing = Path.Combine(folders[0], name);
        if (_warned.Count < MaxWarnings && _warned.TryAdd(name, true))
        {
            warn($"There is no {missing}: for the service {name} PAM goes by {Path.Combine(folders[0], "other")}, which as a rule refuses everybody. "
                + "Make the file, or check the service name that the server sends.");
        }
        return missing;
    }
}
