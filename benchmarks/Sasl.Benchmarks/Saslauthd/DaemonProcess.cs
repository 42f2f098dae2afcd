using System.Diagnostics;
using System.Net.Sockets;

namespace Sasl.Benchmarks;

/// <summary>A saslauthd in a process and a run directory of its own. Both daemons look users up in /etc/sasldb2, because the original cannot do else.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private DaemonProcess(string name, DirectoryInfo folder, string program, IEnumerable<string> arguments)
    {
        Name = name;
        _folder = folder;
        // A session of its own: Debian's saslauthd ends its whole process group.
        _process = Process.Start(new ProcessStartInfo("setsid", [program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        Socket = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "mux"));
    }

    public string Name { get; }

    public UnixDomainSocketEndPoint Socket { get; }

    /// <summary>Debian's; in the foreground, five processes as it has by default.</summary>
    public static DaemonProcess StartDebian(bool cache)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("saslauthd-");
        return new DaemonProcess(
            "Debian's saslauthd", folder, "/usr/sbin/saslauthd", ["-d", "-a", "sasldb", "-m", folder.FullName, .. Caching(cache)]);
    }

    /// <summary>Ours, from the same build as this program.</summary>
    public static DaemonProcess StartOurs(bool cache)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("saslauthd-");
        return new DaemonProcess(
            "sasl saslauthd", folder, "dotnet",    // not this process's path: that is this program again
            [Path.Combine(AppContext.BaseDirectory, "Sasl.Cli.dll"), "saslauthd", "-a", "sasldb", "-m", folder.FullName, .. Caching(cache)]);
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public void WaitUntilItAnswers(byte[] request)
    {
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_patience)
        {
            try
            {
                if (MuxClient.Ask(Socket, request))
                    return;
            }
            catch (SocketException)
            {
                // Not there yet.
            }
            Thread.Sleep(50);
        }
        throw new InvalidOperationException($"{Name} does not accept the benchmark's login");
    }

    public void Dispose()
    {
        using (Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            kill.WaitForExit();
        if (!_process.WaitForExit(5000))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string[] Caching(bool cache) => cache ? ["-c"] : [];
}
