#!/usr/bin/env bash
# Builds everything with warnings as errors, runs every test, and ends with one line: N passed, N failed, N skipped.
# As root on Debian it first installs the real peers that the tests talk to. With CI=true a missing peer is a failure, not a skip.
# A run of all tests also compares the table of docs/interop.md with what the tests saw, and counts that as one test;
# ./test.sh --write-interop writes the table instead.
# Other arguments are passed to "dotnet test", for instance: ./test.sh --filter Scram
set -euo pipefail
cd "$(dirname "$0")"

write_interop=false
[ "${1:-}" != --write-interop ] || { write_interop=true; shift; }

peers=(
  sasl2-bin libsasl2-modules libsasl2-modules-otp db-util lmdb-utils gsasl swaks libnet-ssleay-perl libauthen-sasl-perl libdigest-hmac-perl msmtp curl
  postfix dovecot-core dovecot-submissiond dovecot-imapd postgresql-15 openssl python3 clang zlib1g-dev
  gdbmtool python3-gdbm courier-authdaemon libpam-wrapper libnss-wrapper pamtester libpam-pwdfile krb5-kdc krb5-admin-server krb5-user libgssapi-krb5-2 libsasl2-modules-gssapi-mit openjdk-17-jdk-headless slapd ldap-utils
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
export SASL_INTEROP_LOG=$results/interop    # where InteropLog of the tests writes: mechanism, peer, our side, detail
mkdir "$SASL_INTEROP_LOG"
status=0
dotnet test Sasl.sln -c Release --no-build --results-directory "$results" --logger trx --blame-hang-timeout 10m --blame-hang-dump-type none \
  --logger "console;verbosity=minimal" --verbosity quiet "$@" || status=$?

# The counts come from the result files, one for each test project.
count() { cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(count total) passed=$(count passed) failed=$(count failed)
skipped=$((total - passed - failed))
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || echo "dotnet test ended with status $status"

# docs/interop.md as it would be with the notes of this run: everything between its two markers is made anew.
interop_page() {
  local table=$results/interop-table
  {
    echo '| mechanism | peer | our client | our server |'
    echo '|---|---|---|---|'
    cat "$SASL_INTEROP_LOG"/*.log | LC_ALL=C sort -u | awk -F '\t' '
      function cell(side) { return side in seen ? (side in details ? details[side] : "yes") : "" }
      function row() { if (key != "") print "| " key " | " cell("Client") " | " cell("Server") " |" }
      $1 " | " $2 != key { row(); key = $1 " | " $2; delete seen; delete details }
      { seen[$3] }
      $4 != "" && $3 in details { details[$3] = details[$3] ", " $4; next }
      $4 != "" { details[$3] = $4 }
      END { row() }'
  } > "$table"
  awk -v table="$table" '
    /^<!-- end of the table -->$/ { inside = 0 }
    !inside { print }
    /^<!-- table made by test.sh -->$/ { inside = 1; while ((getline line < table) > 0) print line }' docs/interop.md
}

# Only a run of everything, with every peer and without a failure, can say what the page must be.
if [ $# = 0 ] && [ "$status" = 0 ] && [ "$failed" = 0 ]; then
  if [ "$skipped" -gt 0 ]; then
    echo "docs/interop.md is not compared: tests were skipped, so that peers are missing from the notes"
    skipped=$((skipped + 1))
  elif interop_page > "$results/interop.md" && $write_interop; then
    cp "$results/interop.md" docs/interop.md
    passed=$((passed + 1))
  elif diff -u docs/interop.md "$results/interop.md"; then
    passed=$((passed + 1))
  else
    new=$(mktemp "${TMPDIR:-/tmp}/interop.XXXXXX.md")
    cp "$results/interop.md" "$new"
    echo "docs/interop.md does not say what the tests saw. Look at the difference, then: cp $new docs/interop.md"
    failed=$((failed + 1))
  fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit "$status"
exit 1
