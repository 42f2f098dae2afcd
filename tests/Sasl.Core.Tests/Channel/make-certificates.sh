#!/bin/sh
# Writes certificates.txt: one self-signed certificate for each kind of signature, and its tls-server-end-point as OpenSSL computes it.
# Each line: name, the digest RFC 5929 section 4.1 asks for, its value over the DER octets in hexadecimal, the DER octets in base64.
# Run by hand when a kind is added; the tests read the file and need no openssl.
set -eu
out=$(cd "$(dirname "$0")" && pwd)/certificates.txt
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

openssl genrsa -out rsa.pem 1024
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
openssl genpkey -algorithm ED25519 -out ed25519.pem
openssl genpkey -algorithm ED448 -out ed448.pem
openssl dsaparam -genkey -out dsa.pem 1024

: > "$out"
# certificate NAME KEY DIGEST|none [options for the signature]
certificate() {
    name=$1 key=$2 digest=$3
    shift 3
    openssl req -x509 -new -key "$key.pem" -subj "/CN=$name" -days 36500 -outform DER -out cert.der "$@"
    value=
    [ "$digest" = none ] || value=$(openssl dgst "-$digest" -hex -r cert.der | cut -d' ' -f1)
    echo "$name $digest ${value:--} $(base64 -w0 cert.der)" >> "$out"
}

certificate rsa-md5 rsa sha256 -md5
certificate rsa-sha1 rsa sha256 -sha1
certificate rsa-sha224 rsa none -sha224
certificate rsa-sha256 rsa sha256 -sha256
certificate rsa-sha384 rsa sha384 -sha384
certificate rsa-sha512 rsa sha512 -sha512
certificate rsa-sha3-256 rsa sha3-256 -sha3-256
certificate rsa-sha3-384 rsa sha3-384 -sha3-384
certificate rsa-sha3-512 rsa sha3-512 -sha3-512
for hash in sha256 sha384 sha512; do
    certificate "pss-$hash" rsa $hash -$hash -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
done
certificate pss-sha1-by-default rsa sha256 -sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
certificate pss-sha224 rsa none -sha224 -sigopt rsa_padding_mode:pss
certificate pss-sha256-masked-by-sha512 rsa none -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha512
certificate pss-sha256-masked-by-sha1 rsa none -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha1
certificate ecdsa-sha1 ec sha256 -sha1
certificate ecdsa-sha224 ec none -sha224
certificate ecdsa-sha256 ec sha256 -sha256
certificate ecdsa-sha384 ec sha384 -sha384
certificate ecdsa-sha512 ec sha512 -sha512
certificate ecdsa-sha3-256 ec sha3-256 -sha3-256
certificate ecdsa-sha3-384 ec sha3-384 -sha3-384
certificate ecdsa-sha3-512 ec sha3-512 -sha3-512
certificate dsa-sha1 dsa sha256 -sha1
certificate dsa-sha256 dsa sha256 -sha256
certificate ed25519 ed25519 none
certificate ed448 ed448 none
