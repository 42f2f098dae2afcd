#!/usr/bin/env bash
# Measures: ./bench.sh runs everything in the short form, ./bench.sh Exchange what has that in its name, ./bench.sh Saslauthd the daemon beside
# Debian's (as root). Compare ratios within one run only.
set -euo pipefail
cd "$(dirname "$0")"
exec dotnet run -c Release --project benchmarks/Sasl.Benchmarks -- --filter "*${1:-}*"
