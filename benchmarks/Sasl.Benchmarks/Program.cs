using BenchmarkDotNet.Running;
using Sasl.Benchmarks;

foreach (string complaint in Peer.Missing())
    Console.Error.WriteLine(complaint);

// BenchmarkDotNet measures one library at a time, with its statistics and its profilers; the scoreboard lets all libraries run by turns.
if (args is ["--bdn", .. var rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(ExchangeBenchmarks).Assembly).Run(rest is [var filter] ? ["--filter", $"*{filter}*"] : rest);
    return 0;
}
if (args is ["--loop", var words])
    return ProfilerLoop.Run(words);
return await Scoreboard.RunAsync(args);
