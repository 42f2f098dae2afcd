using BenchmarkDotNet.Running;
using Sasl.Benchmarks;

if (!Libsasl2.IsThere)
    Console.Error.WriteLine(Libsasl2.Complaint);
string wanted = args is ["--filter", var filter, ..] ? filter.Trim('*') : "";
bool isLoad = "Saslauthd".Contains(wanted, StringComparison.OrdinalIgnoreCase);
if (!isLoad || wanted.Length == 0)
    BenchmarkSwitcher.FromAssembly(typeof(ExchangeBenchmarks).Assembly).Run(args);
// Percentiles under 64 clients are no micro-benchmark: this is a load of its own.
return isLoad ? await SaslauthdLoad.RunAsync() : 0;
