using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Asks a running daemon for its counters and empties its cache, over <c>RUNDIR/control</c>: what <c>sasl saslcache</c> does.</summary>
/// <remarks>
/// <code>
/// command = ( "statistics" / "entries" / "flush" ) LF
/// answer  = *( line LF ) ( "done" / "unknown" ) LF
/// </code>
/// The lines of <c>statistics</c> are a name, a blank and a number; those of <c>entries</c> a number of seconds.
/// </remarks>
public static class SaslauthdControl
{
    internal const string StatisticsCommand = "statistics";
    internal const string EntriesCommand = "entries";
    internal const string FlushCommand = "flush";
    internal const string Done = "done";
    internal const string Unknown = "unknown";

    private const int MaxAnswerLength = 64 * 1024 * 1024;    // the entries of the largest cache
    private const string NoCache = "off";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>The counters.</summary>
    /// <param name="runDirectory">The daemon's run directory.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Names and numbers, in the daemon's order.</returns>
    /// <exception cref="IOException">No daemon answers there; the message says why.</exception>
    public static async Task<IReadOnlyList<(string Name, string Value)>> GetStatisticsAsync(string runDirectory, CancellationToken cancellationToken)
    {
        string[] lines = await AskAsync(runDirectory, StatisticsCommand, cancellationToken).ConfigureAwait(false);
        return [.. lines.Select(static line => line.Split(' ', 2)).Where(static pair => pair.Length == 2).Select(static pair => (pair[0], pair[1]))];
    }

    /// <summary>How many seconds each remembered login has left, the longest first.</summary>
    /// <param name="runDirectory">The daemon's run directory.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="IOException">No daemon answers there; the message says why.</exception>
    public static async Task<IReadOnlyList<long>> GetEntriesAsync(string runDirectory, CancellationToken cancellationToken)
    {
        string[] lines = await AskAsync(runDirectory, EntriesCommand, cancellationToken).ConfigureAwait(false);
        return [.. lines.Select(static line => long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) ? seconds : 0)];
    }

    /// <summary>Forgets every login.</summary>
    /// <param name="runDirectory">The daemon's run directory.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="IOException">No daemon answers there; the message says why.</exception>
    public static Task FlushAsync(string runDirectory, CancellationToken cancellationToken) => AskAsync(runDirectory, FlushCommand, cancellationToken);

    internal static void Write(StringBuilder answer, SaslauthdStatistics daemon, SaslauthdCacheStatistics? cache)
    {
        answer.Append(CultureInfo.InvariantCulture, $"requests {daemon.Requests}\naccepted {daemon.Accepted}\nunavailable {daemon.Unavailable}\n");
        answer.Append(CultureInfo.InvariantCulture, $"connections {daemon.Connections}\ndropped {daemon.Dropped}\n");
        if (cache is null)
        {
            answer.Append(CultureInfo.InvariantCulture, $"cache {NoCache}\n{Done}\n");
            return;
        }
        answer.Append(CultureInfo.InvariantCulture, $"timeout {(long)cache.Timeout.TotalSeconds}\ncapacity {cache.Capacity}\nentries {cache.Entries}\n");
        answer.Append(CultureInfo.InvariantCulture, $"attempts {cache.Hits + cache.Misses}\nhits {cache.Hits}\nmisses {cache.Misses}\nflushes {cache.Flushes}\n{Done}\n");
    }

    private static async Task<string[]> AskAsync(string runDirectory, string command, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runDirectory);
        string path = Path.Combine(runDirectory, RunDirectory.ControlName);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token).ConfigureAwait(false);
            await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"), SocketFlags.None, patience.Token).ConfigureAwait(false);
            return Read(await ReceiveAllAsync(socket, patience.Token).ConfigureAwait(false), path);
        }
        catch (SocketException exception)
        {
            throw new IOException($"No saslauthd of this library answers at {path}: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The saslauthd at {path} does not answer.", exception);
        }
        catch (ArgumentException exception)
        {
            throw new IOException($"The path {path} cannot be a socket's: {exception.Message}", exception);
        }
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        byte[] piece = new byte[8192];
        int read;
        while ((read = await socket.ReceiveAsync(piece, SocketFlags.None, cancellationToken).ConfigureAwait(false)) > 0 && all.Length < MaxAnswerLength)
            all.Write(piece, 0, read);
        return all.ToArray();
    }

    private static string[] Read(byte[] answer, string path) =>
        Encoding.ASCII.GetString(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.. var lines, Done]
            ? lines
            : throw new IOException($"What answers at {path} is no saslauthd of this library, or another version of it.");
}
