using System.Diagnostics;
using System.Text;

namespace Sasl.Testing.Peers;

/// <summary>
/// One running peer, leader of a process group of its own. What it prints is kept in <see cref="Transcript"/>; it is killed with its
/// children on disposal, at its time limit, and when the test host dies.
/// </summary>
public sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan DieWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(3);

    // What a program printed that ended by itself is wanted to the last line, and on a busy machine nobody may have read it for a while.
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(20);

    private readonly PeerCommand _command;
    private readonly Process _process;
    private readonly Task _exited;
    private readonly Task _pumps;
    private readonly CancellationTokenSource _limit;
    private readonly SemaphoreSlim _writing = new(1);
    private int _readPlace;
    private int _disposed;

    private PeerProcess(PeerCommand command, Process process)
    {
        _command = command;
        _process = process;
        Id = process.Id;
        PeerGuardian.WatchGroup(Id);
        _exited = process.WaitForExitAsync(CancellationToken.None);
        _pumps = PumpAllAsync();
        _limit = new CancellationTokenSource(command.Limit);
        _limit.Token.Register(() => Unix.SignalGroup(Id, UnixSignal.Kill));
    }

    /// <summary>Its process id, which is also the id of its process group and session.</summary>
    public int Id { get; }

    /// <summary>What it has printed.</summary>
    public PeerTranscript Transcript { get; } = new();

    /// <summary>Whether it has ended by itself or otherwise.</summary>
    public bool HasExited => _exited.IsCompleted;

    /// <summary>Whether it was killed because it lived longer than <see cref="PeerCommand.Limit"/>.</summary>
    public bool ReachedLimit => _limit.IsCancellationRequested;

    /// <summary>Starts a program; its standard input stays open for <see cref="WriteLineAsync"/>.</summary>
    public static PeerProcess Start(PeerCommand command)
    {
        ProcessStartInfo start = new("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = command.WorkingDirectory,
        };
        foreach (string argument in CommandLine(command))
        {
            start.ArgumentList.Add(argument);
        }

        SetEnvironment(start, command.Environment);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Name} did not start.");
        return new PeerProcess(command, process);
    }

    /// <summary>Starts a server and waits until a probe says that it is ready.</summary>
    /// <param name="command">The server.</param>
    /// <param name="ready">Asked again and again, a few milliseconds apart, until it answers true.</param>
    /// <param name="within">How long to wait; 20 seconds where none is given.</param>
    /// <exception cref="PeerException">It ended, or was not ready in time; it is stopped then.</exception>
    public static Task<PeerProcess> StartServerAsync(PeerCommand command, Func<CancellationToken, Task<bool>> ready, TimeSpan? within = null) =>
        StartAndWaitAsync(command, process => process.WaitUntilAsync(ready, within ?? TimeSpan.FromSeconds(20)));

    /// <summary>Starts a server and waits until it prints a line that says that it is ready.</summary>
    /// <param name="command">The server.</param>
    /// <param name="readyLine">Part of that line.</param>
    /// <param name="within">How long to wait; 20 seconds where none is given.</param>
    /// <exception cref="PeerException">It ended, or did not print the line in time; it is stopped then.</exception>
    public static Task<PeerProcess> StartServerAsync(PeerCommand command, string readyLine, TimeSpan? within = null) =>
        StartAndWaitAsync(command, process => process.WaitForLineAsync(
            line => line.Contains(readyLine, StringComparison.Ordinal), within: within ?? TimeSpan.FromSeconds(20)));

    /// <summary>Runs a program to its end, with <see cref="PeerCommand.Input"/> on its standard input.</summary>
    /// <exception cref="PeerException">It did not end within <see cref="PeerCommand.Limit"/>; it is killed then.</exception>
    public static async Task<PeerResult> RunAsync(PeerCommand command)
    {
        await using PeerProcess process = Start(command);
        return await process.FinishAsync(command.Input);
    }

    /// <summary>Runs a program that must succeed, and returns what it printed.</summary>
    /// <exception cref="PeerException">It did not end in time, or its exit code is not 0.</exception>
    public static async Task<string> RunSuccessfullyAsync(PeerCommand command)
    {
        PeerResult result = await RunAsync(command);
        return result.Succeeded
            ? result.Transcript
            : throw new PeerException($"{command.Name} ended with exit code {result.ExitCode}.", result.Transcript);
    }

    /// <summary>Writes one line on its standard input. A program that has ended takes no more lines; that is seen when reading.</summary>
    public Task WriteLineAsync(string line) => WriteAsync(line + "\n");

    /// <summary>The next line of its standard output, or null when that has ended.</summary>
    /// <exception cref="PeerException">Nothing came within the time; 15 seconds where none is given.</exception>
    public async Task<string?> ReadLineAsync(TimeSpan? within = null)
    {
        (int Place, PeerLine Line)? found =
            await FindAsync(static line => line.Stream == PeerStream.Output, _readPlace, within, "printed no line on standard output");
        _readPlace = found is { } next ? next.Place + 1 : _readPlace;
        return found?.Line.Text;
    }

    /// <summary>Waits for a line, on either stream, that satisfies a condition.</summary>
    /// <param name="condition">Asked for each line at or after <paramref name="from"/>.</param>
    /// <param name="from">A count of lines taken earlier from <see cref="PeerTranscript.Count"/>; 0 looks at all lines.</param>
    /// <param name="within">How long to wait; 15 seconds where none is given.</param>
    /// <exception cref="PeerException">It ended without printing one, or did not in time.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> condition, int from = 0, TimeSpan? within = null)
    {
        (int Place, PeerLine Line)? found = await FindAsync(line => condition(line.Text), from, within, "did not print the expected line");
        return found?.Line.Text ?? throw Trouble("ended and did not print the expected line");
    }

    /// <summary>Writes the rest of its input, closes it, and waits for its end and all its output.</summary>
    /// <exception cref="PeerException">It did not end within <see cref="PeerCommand.Limit"/>.</exception>
    public async Task<PeerResult> FinishAsync(string lastInput = "")
    {
        await WriteAsync(lastInput);
        CloseInput();
        await _exited;
        await DrainAsync(FinishWithin);
        return ReachedLimit
            ? throw Trouble($"ran longer than {_command.Limit.TotalSeconds} seconds and was killed")
            : new PeerResult(_process.ExitCode, Transcript.ToString());
    }

    /// <summary>Ends its standard input.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has already gone, with something for it still in the buffer.
        }
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(UnixSignal signal)
    {
        if (!HasExited)
        {
            Unix.SignalProcess(Id, signal);
        }
    }

    /// <summary>Sends a signal to it and its children.</summary>
    public void SignalAll(UnixSignal signal) => Unix.SignalGroup(Id, signal);

    /// <summary>Stops it: its stop signal, and after its patience SIGKILL for the whole group. Returns when the group is empty.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        CloseInput();
        Signal(_command.StopSignal);
        await WaitAtMostAsync(_exited, _command.Patience);
        await KillGroupAsync();
        await WaitAtMostAsync(_exited, DieWithin);
        await DrainAsync();
        PeerGuardian.ReleaseGroup(Id);
        _limit.Dispose();
        _process.Dispose();
        _writing.Dispose();
    }

    private static async Task<PeerProcess> StartAndWaitAsync(PeerCommand command, Func<PeerProcess, Task> waitUntilReady)
    {
        PeerProcess process = Start(command);
        try
        {
            await waitUntilReady(process);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static IEnumerable<string> CommandLine(PeerCommand command)
    {
        if (command.RunAs is string user && Environment.IsPrivilegedProcess)
        {
            foreach (string word in (string[])[PeerPrograms.Locate("setpriv"), $"--reuid={user}", $"--regid={user}", "--init-groups", "--"])
            {
                yield return word;
            }
        }

        if (command.LineBuffered)
        {
            yield return PeerPrograms.Locate("stdbuf");
            yield return "-oL";
        }

        yield return Path.IsPathRooted(command.Program) ? command.Program : PeerPrograms.Locate(command.Program);
        foreach (string argument in command.Arguments)
        {
            yield return argument;
        }
    }

    private static void SetEnvironment(ProcessStartInfo start, IReadOnlyDictionary<string, string> wanted)
    {
        string[] inherited = ["PATH", "TMPDIR", "DOTNET_ROOT"];
        foreach (string name in start.Environment.Keys.Except(inherited).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = "/nonexistent";
        foreach ((string name, string value) in wanted)
        {
            start.Environment[name] = value;
        }
    }

    private async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> ready, TimeSpan within)
    {
        using CancellationTokenSource deadline = new(within);
        try
        {
            while (!await ready(deadline.Token))
            {
                await Task.WhenAny(_exited, Task.Delay(ProbeEvery, deadline.Token));
                deadline.Token.ThrowIfCancellationRequested();
                if (HasExited)
                {
                    await DrainAsync();
                    throw Trouble($"ended with exit code {_process.ExitCode} before it was ready");
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw Trouble($"was not ready within {within.TotalSeconds} seconds");
        }
    }

    private async Task<(int Place, PeerLine Line)?> FindAsync(Func<PeerLine, bool> condition, int from, TimeSpan? within, string failure)
    {
        TimeSpan time = within ?? TimeSpan.FromSeconds(15);
        using CancellationTokenSource deadline = new(time);
        try
        {
            return await Transcript.FindAsync(condition, from, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw Trouble($"{failure} within {time.TotalSeconds} seconds");
        }
    }

    private async Task WriteAsync(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteAsync(text);
            await _process.StandardInput.FlushAsync();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // Its end is what the next reader sees; a half-written last line is nobody's news.
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task PumpAllAsync()
    {
        await Task.WhenAll(PumpAsync(_process.StandardOutput, PeerStream.Output), PumpAsync(_process.StandardError, PeerStream.Error));
        Transcript.Complete();
    }

    private async Task PumpAsync(StreamReader reader, PeerStream stream)
    {
        char[] block = new char[4096];
        StringBuilder line = new();
        try
        {
            for (int count; (count = await reader.ReadAsync(block)) > 0;)
            {
                Split(block.AsSpan(0, count), line, stream);
                if (stream == PeerStream.Error)
                {
                    await AnswerAsync(line);
                }
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // Disposal closed the pipe under this reader; what came before is kept.
        }

        if (line.Length > 0)
        {
            Transcript.Append(stream, line.ToString());
        }
    }

    private void Split(ReadOnlySpan<char> block, StringBuilder line, PeerStream stream)
    {
        foreach (char character in block)
        {
            if (character != '\n')
            {
                line.Append(character);
            }

            if (character == '\n' || line.Length == PeerTranscript.MaxLineLength)
            {
                Transcript.Append(stream, line.ToString().TrimEnd('\r'));
                line.Clear();
            }
        }
    }

    private async Task AnswerAsync(StringBuilder line)
    {
        string unfinished = line.ToString();
        foreach ((string prompt, string answer) in _command.Answers)
        {
            if (unfinished.EndsWith(prompt, StringComparison.Ordinal))
            {
                Transcript.Append(PeerStream.Error, unfinished);
                line.Clear();
                await WriteLineAsync(answer);
                return;
            }
        }
    }

    private async Task KillGroupAsync()
    {
        // A member of the group that is slow to die keeps the group's id, so asking again is safe.
        for (long start = Stopwatch.GetTimestamp(); Unix.GroupIsAlive(Id) && Stopwatch.GetElapsedTime(start) < DieWithin;)
        {
            Unix.SignalGroup(Id, UnixSignal.Kill);
            await Task.Delay(ProbeEvery);
        }
    }

    private Task DrainAsync() => DrainAsync(DrainWithin);

    private async Task DrainAsync(TimeSpan within)
    {
        // A grandchild that left the group may hold the pipes open; the output that matters has arrived by then.
        await WaitAtMostAsync(_pumps, within);
        Transcript.Complete();
    }

    private static async Task WaitAtMostAsync(Task task, TimeSpan time)
    {
        await Task.WhenAny(task, Task.Delay(time));
    }

    private PeerException Trouble(string what) => new($"{_command.Name} {what}.", Transcript.ToString());
}
