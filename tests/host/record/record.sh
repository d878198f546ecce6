#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Record messages of wireguard-go for the known answers of recorded_test.c.
#
# usage: record.sh >../vectors/wireguard-go.json
#
# Needs root, /dev/net/tun, and Debian's packages wireguard-go, wireguard-tools,
# iproute2, iputils-ping, libsodium-dev. All traffic stays on the loopback
# device of a network namespace of its own; takes about ten seconds.
set -eu

cd "$(dirname "$0")"
top=../../..
work=$(mktemp -d)
ns=wg-record-$$
dev=wgrec$$
pids=

finish() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || :
	done
	ip netns delete "$ns" 2>/dev/null || :
	rm -rf "$work"
}
trap finish EXIT

# A key that is 32 times the same byte, in base64; its public key.
key_of() {
	printf "%032d" 0 | sed "s/0/$(printf '\\x%s' "$1")/g" |
		base64
}
public_of() {
	key_of "$1" | wg pubkey
}
hex_of() {
	printf "%032d" 0 | sed "s/0/$1/g"
}

cc -std=gnu11 -D_GNU_SOURCE -I.. -I../include -I$top/src -o "$work/record" \
	record.c ../crypto_host.c $top/src/proto/*.c -lsodium

ip netns add "$ns"
in_ns() {
	ip netns exec "$ns" "$@"
}
in_ns ip link set lo up
unset WG_PROCESS_FOREGROUND
# Not through the function: $! must be the process itself.
ip netns exec "$ns" wireguard-go -f "$dev" >"$work/log" 2>&1 &
pids="$pids $!"
tries=0
until [ -S "/var/run/wireguard/$dev.sock" ]; do
	tries=$((tries + 1))
	[ $tries -lt 20 ] || { cat "$work/log" >&2; exit 1; }
	sleep 0.5
done

key_of 55 >"$work/key"
key_of 66 >"$work/psk"
in_ns wg set "$dev" listen-port 51820 private-key "$work/key" \
	peer "$(public_of 11)" preshared-key "$work/psk" \
	allowed-ips 10.9.0.1/32 endpoint 127.0.0.1:50001 \
	peer "$(public_of 21)" preshared-key "$work/psk" \
	allowed-ips 10.9.0.2/32 endpoint 127.0.0.1:50002
in_ns ip address add 10.9.0.9/24 dev "$dev"
in_ns ip link set "$dev" up

printf '{\n "recorded": "%s",\n' "wireguard-go as packaged by Debian, version \
$(dpkg-query -W -f '${Version}' wireguard-go), by tests/host/record/record.sh"
in_ns "$work/record" 51820 "$(hex_of 55)" "$(hex_of 66)" >"$work/out" &
recorder=$!
# Traffic into the tunnel, once each role can take it. No answer will come.
sleep 1
in_ns ping -q -c 1 -W 1 10.9.0.1 >/dev/null || :
in_ns ping -q -c 1 -W 1 10.9.0.2 >/dev/null || :
wait $recorder
cat "$work/out"
printf ' "end": ""\n}\n'
