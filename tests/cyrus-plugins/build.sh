#!/usr/bin/env bash
# Builds Cyrus SASL's plug-ins for SRP and PASSDSS-3DES-1, which Debian leaves out, of Debian's source package, and many, a server and client that
# send each other several messages. Debian's own library loads them. Usage: tests/cyrus-plugins/build.sh FOLDER [VERSION], then
#
#   SASL_CYRUS_PLUGINS=FOLDER dotnet test tests/Sasl.Mechanisms.Tests --filter "SrpPeer|PassdssPeer"
#
# and with SASL_CAPTURE=FOLDER2 the conversations are written there. About 40 seconds. Needs gcc, make, dpkg-dev, libssl-dev, libdb-dev, sasl2-bin, libsasl2-modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=${2:-2.1.28+dfsg-10}
work=$folder/work
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
cd "$work"

# Sources are not in the usual lists; these are asked beside them and change nothing in /etc.
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$key] http://deb.debian.org/debian bookworm main" > sources.list
apt=(-q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update
apt-get "${apt[@]}" source --download-only "cyrus-sasl2=$version"
rm -rf source
dpkg-source -x "cyrus-sasl2_$version.dsc" source
cd source

# What configure and make would make anew, for which automake would be needed, is newer than what it is made of.
touch aclocal.m4
sleep 1
find . \( -name configure -o -name Makefile.in -o -name config.h.in \) -exec touch {} +
./configure --enable-srp --enable-srp-setpass --enable-passdss --with-dblib=berkeley --without-saslauthd \
  --disable-cram --disable-digest --disable-otp --disable-gssapi --disable-scram --disable-anon --disable-plain --disable-login --disable-sql --disable-ldapdb \
  > "$work/configure.log" 2>&1
for part in include common sasldb lib plugins; do make -s -C "$part" >> "$work/make.log" 2>&1; done

cp plugins/.libs/libsrp.so plugins/.libs/libpassdss.so plugins/.libs/libsasldb.so "$folder"
mkdir -p "$work/headers/sasl"
cp include/*.h "$work/headers/sasl"
gcc -w -I"$work/headers" "$here/many.c" -o "$folder/many" "$(ldconfig -p | awk '/libsasl2\.so\.2 / { print $NF; exit }')"
# DES, Blowfish and CAST-128 are in OpenSSL's legacy provider.
printf 'openssl_conf = start\n[start]\nproviders = which\n[which]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n' > "$folder/openssl.cnf"
echo "built in $folder: $(cd "$folder" && ls -m ./*.so many openssl.cnf)"
