#!/usr/bin/env bash
# Builds everything with warnings as errors, runs every test, and ends with one line: N passed, N failed, N skipped.
# As root on Debian it first installs the real peers that the tests talk to. With CI=true a missing peer is a failure, not a skip.
# Arguments are passed to "dotnet test", for instance: ./test.sh --filter Scram
set -euo pipefail
cd "$(dirname "$0")"

peers=(
  sasl2-bin libsasl2-modules db-util lmdb-utils gsasl swaks libnet-ssleay-perl libauthen-sasl-perl libdigest-hmac-perl msmtp curl
  postfix dovecot-core dovecot-submissiond dovecot-imapd postgresql-15 openssl python3 clang zlib1g-dev
  gdbmtool python3-gdbm courier-authdaemon libpam-wrapper libnss-wrapper pamtester libpam-pwdfile krb5-kdc krb5-admin-server krb5-user libgssapi-krb5-2 libsasl2-modules-gssapi-mit slapd ldap-utils
)

install_peers() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  local missing=() peer
  for peer in "${peers[@]}"; do
    dpkg-query -W -f '${Status}' "$peer" 2>/dev/null | grep -q 'ok installed' || missing+=("$peer")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Packages must not start their daemons: the tests start their own, on loopback, in private directories.
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update > /dev/null
  command -v debconf-set-selections >/dev/null &&
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  "${apt[@]}" install --no-install-recommends "${missing[@]}" > /tmp/sasl-apt.log 2>&1 ||
    { tail -n 40 /tmp/sasl-apt.log; echo "apt-get could not install the peers"; exit 1; }
}

install_peers

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build Sasl.sln -c Release -warnaserror -v quiet

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
dotnet test Sasl.sln -c Release --no-build --results-directory "$results" --logger trx --blame-hang-timeout 10m --blame-hang-dump-type none \
  --verbosity quiet "$@" || status=$?

# The counts come from the result files, one for each test project.
count() { cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(count total) passed=$(count passed) failed=$(count failed)
skipped=$((total - passed - failed))
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || echo "dotnet test ended with status $status"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit "$status"
exit 1
