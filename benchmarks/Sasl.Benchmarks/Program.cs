using BenchmarkDotNet.Running;
using Sasl.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(ExchangeBenchmarks).Assembly).Run(args);
