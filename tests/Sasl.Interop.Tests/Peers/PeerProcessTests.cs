using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class PeerProcessTests
{
    [Fact]
    public async Task A_program_run_to_its_end_gives_its_exit_code_and_both_streams()
    {
        PeerResult result = await PeerProcess.RunAsync(Shell("read line; echo \"out $line\"; echo err >&2; exit 7") with { Input = "hello\n" });

        Assert.Equal(7, result.ExitCode);
        Assert.Equal(["err", "out hello"], result.Transcript.Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Disposal_kills_a_process_that_refuses_to_stop_and_its_children()
    {
        PeerProcess process = PeerProcess.Start(Shell("trap '' TERM; sleep 300 & echo $!; wait; wait") with { Patience = TimeSpan.FromMilliseconds(100) });
        int child = int.Parse((await process.ReadLineAsync())!, CultureInfo.InvariantCulture);
        Assert.True(Unix.GroupIsAlive(process.Id));

        await process.DisposeAsync();

        Assert.False(Unix.GroupIsAlive(process.Id));
        Assert.DoesNotContain(child, Unix.ProcessesUsing("sleep"));
    }

    [Fact]
    public async Task A_process_that_lives_too_long_is_killed_and_says_so()
    {
        PeerException thrown = await Assert.ThrowsAsync<PeerException>(
            () => PeerProcess.RunAsync(Shell("sleep 300") with { Limit = TimeSpan.FromMilliseconds(300) }));

        Assert.StartsWith("sh ran longer than 0.3 seconds and was killed.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_ends_before_it_is_ready_is_an_error_with_its_output()
    {
        PeerException thrown = await Assert.ThrowsAsync<PeerException>(
            () => PeerProcess.StartServerAsync(Shell("echo port in use >&2; exit 3"), LoopbackProbe.Accepts(FreePort.Find())));

        Assert.StartsWith("sh ended with exit code 3 before it was ready.", thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith("port in use", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_on_standard_error_gets_its_answer()
    {
        PeerCommand command = Shell("printf 'Password: ' >&2; read line; echo \"got $line\"") with
        {
            Answers = new Dictionary<string, string> { ["Password: "] = "open" },
        };
        await using PeerProcess process = PeerProcess.Start(command);

        Assert.Equal("got open", await process.ReadLineAsync());
    }

    [Fact]
    public async Task Output_is_kept_up_to_a_bound()
    {
        PeerResult result = await PeerProcess.RunAsync(Shell($"yes | head -n {PeerTranscript.MaxLines + 10}"));

        Assert.Equal(PeerTranscript.MaxLines, result.Transcript.Split('\n').Length);
    }

    [Fact]
    public async Task Nothing_of_the_developers_environment_reaches_a_peer()
    {
        string environment = await PeerProcess.RunSuccessfullyAsync(Shell("env"));

        Assert.Contains("HOME=/nonexistent", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("USER=", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET_CLI", environment, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_differ_and_can_be_bound()
    {
        int[] ports = [.. Enumerable.Range(0, 50).Select(static _ => FreePort.Find())];

        Assert.Equal(ports.Length, ports.Distinct().Count());
        foreach (int port in ports)
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
        }
    }

    [Fact]
    public async Task The_guardian_stops_what_a_dead_test_host_has_left_behind()
    {
        using PrivateDirectory folder = PrivateDirectory.Create("orphan");
        await using PeerProcess orphan = PeerProcess.Start(Shell("echo ready; sleep 300"));
        await using PeerProcess released = PeerProcess.Start(Shell("echo ready; sleep 300"));
        await orphan.ReadLineAsync();
        await released.ReadLineAsync();
        await using PeerProcess guardian = PeerProcess.Start(Shell(PeerGuardian.Script));
        await guardian.WriteLineAsync($"watch {orphan.Id}");
        await guardian.WriteLineAsync($"watch {released.Id}");
        await guardian.WriteLineAsync($"folder {folder.FullPath}");
        await guardian.WriteLineAsync($"release {released.Id}");

        await guardian.FinishAsync();

        Assert.False(Unix.GroupIsAlive(orphan.Id));
        Assert.True(Unix.GroupIsAlive(released.Id));
        Assert.False(Directory.Exists(folder.FullPath));
    }

    private static PeerCommand Shell(string script) => new("/bin/sh", "-c", script);
}
