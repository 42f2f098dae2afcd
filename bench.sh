#!/usr/bin/env bash
# Measures this library beside its peers.
#   ./bench.sh             everything in the short form, under ten minutes; writes docs/performance.md and its pictures
#   ./bench.sh NAME        the group of that name alone (Exchange, Server, Client, Session, Sasldb, Layer, Smtp, ColdStart, Saslauthd), and writes nothing
#   ./bench.sh Million     lookups in each form of sasldb among a million users; not part of everything
#   ./bench.sh --bdn NAME  BenchmarkDotNet on the benchmarks with that in their names: each library by itself, with statistics
# As root on Debian it first installs the peers. Compare ratios within one run only.
set -euo pipefail
cd "$(dirname "$0")"

peers=(libsasl2-2 libsasl2-modules libsasl2-modules-db sasl2-bin libgsasl18 clang zlib1g-dev)

install_peers() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  local missing=() peer
  for peer in "${peers[@]}"; do
    dpkg-query -W -f '${Status}' "$peer" 2>/dev/null | grep -q 'ok installed' || missing+=("$peer")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}"
  # Packages must not start their daemons.
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update > /dev/null && "${apt[@]}" install --no-install-recommends "${missing[@]}" > /tmp/sasl-bench-apt.log 2>&1 ||
    echo "WARNING: apt-get could not install ${missing[*]}; what is missing is reported below (/tmp/sasl-bench-apt.log)" >&2
}

install_peers
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# What runs often is compiled for speed at once, not after a pause that a busy machine never has.
export DOTNET_TC_CallCountingDelayMs=0

program=benchmarks/Sasl.Benchmarks/bin/Release/net10.0/Sasl.Benchmarks.dll
dotnet build -c Release -v quiet benchmarks/Sasl.Benchmarks
[ "${1:-}" = --bdn ] && exec dotnet "$program" "$@"

group=${1:-}
if [ -z "$group" ] || [[ coldstart == *"${group,,}"* ]]; then
  SASL_COLD_START=$(mktemp -d)
  export SASL_COLD_START
  trap 'rm -rf "$SASL_COLD_START"' EXIT
  dotnet publish -c Release -v quiet -o "$SASL_COLD_START/jit" benchmarks/Sasl.ColdStart
  dotnet publish -c Release -v quiet -r linux-x64 -p:PublishAot=true -o "$SASL_COLD_START/aot" benchmarks/Sasl.ColdStart
fi
if [ -n "$group" ]; then
  dotnet "$program" "$group"
else
  dotnet "$program" --write docs
fi
