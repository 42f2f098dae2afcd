using System.Diagnostics;

namespace Sasl.Testing.Peers;

/// <summary>
/// A shell that outlives this process by a moment: when the test host dies without disposing anything (killed, timed out), its standard
/// input ends, and it stops the process groups and deletes the folders that were still in use.
/// </summary>
internal static class PeerGuardian
{
    /// <summary>What the shell runs: lines "watch GROUP", "release GROUP" and "folder PATH" until the end of its input, then the clean-up.</summary>
    internal const string Script =
        """
        exec >/dev/null 2>&1
        trap '' HUP INT TERM
        groups=' '
        while read -r verb what; do
            case $verb in
                watch) groups="$groups$what " ;;
                release) groups="${groups%% $what *} ${groups#* $what }" ;;
                folder) set -- "$@" "$what" ;;
            esac
        done
        for group in $groups; do kill -s TERM -- "-$group"; done
        case $groups in *[0-9]*) sleep 2 ;; esac
        for group in $groups; do kill -s KILL -- "-$group"; done
        [ $# -eq 0 ] || rm -rf -- "$@"
        """;

    private static readonly Lock Gate = new();
    private static readonly Lazy<Process> Shell = new(Start);

    /// <summary>Stop this process group if the test host dies.</summary>
    public static void WatchGroup(int groupId) => Tell($"watch {groupId}");

    /// <summary>This process group has ended.</summary>
    public static void ReleaseGroup(int groupId) => Tell($"release {groupId}");

    /// <summary>Delete this folder when the test host has gone, if it is still there.</summary>
    public static void WatchDirectory(string path) => Tell($"folder {path}");

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Shell.Value.StandardInput.WriteLine(line);
            Shell.Value.StandardInput.Flush();
        }
    }

    private static Process Start()
    {
        ProcessStartInfo start = new("setsid") { RedirectStandardInput = true };
        foreach (string argument in (string[])["sh", "-c", Script, "sasl-peer-guardian"])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The guardian of the peers did not start.");
    }
}
