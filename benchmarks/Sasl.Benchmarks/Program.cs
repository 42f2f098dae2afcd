using BenchmarkDotNet.Running;
using Sasl.Benchmarks;

if (!Libsasl2.IsThere)
    Console.Error.WriteLine(Libsasl2.Complaint);
BenchmarkSwitcher.FromAssembly(typeof(ExchangeBenchmarks).Assembly).Run(args);
