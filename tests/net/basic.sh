#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every combination of IPv4 and IPv6 inside and outside, with and without a
# preshared key: ping, TCP both ways, UDP, and the transfer counters.
. "$(dirname "$0")/lib.sh"

load_module
red_blue
device red wg0 red 51801 10.9.0.1/24 fd09::1/64
device blue wg0 blue 51802 10.9.0.2/24 fd09::2/64
(umask 077 && wg genpsk > "$T/psk")
serve blue

# configure PSK_FILE RED_ENDPOINT BLUE_ENDPOINT: forget what was, set anew
configure() {
	local ns
	for ns in red blue; do
		"$ns" "$TOOL" set wg0 peer "$(pub red)" remove peer "$(pub blue)" remove
	done
	peer red wg0 blue preshared-key "$1" endpoint "$3" \
		allowed-ips 10.9.0.2/32,fd09::2/128
	peer blue wg0 red preshared-key "$1" endpoint "$2" \
		allowed-ips 10.9.0.1/32,fd09::1/128
}

# the bytes that red says it sent are those that blue says it received
counters_agree() {
	local sent got
	read -r _ sent <<< "$(field red wg0 transfer blue)"
	read -r got _ <<< "$(field blue wg0 transfer red)"
	[ "$sent" -gt 0 ] && [ "$sent" = "$got" ]
}

for psk in /dev/null "$T/psk"; do
	with='without a preshared key'
	[ "$psk" = /dev/null ] || with='with a preshared key'
	for outer in 4 6; do
		case $outer in
		4) configure "$psk" 10.0.0.1:51801 10.0.0.2:51802 ;;
		6) configure "$psk" '[fd00::1]:51801' '[fd00::2]:51802' ;;
		esac
		same "IPv$outer outside, $with: no handshake without traffic" \
			"$(shake_time red wg0 blue)" 0
		check "IPv4 inside, IPv$outer outside, $with" reaches red 10.9.0.2
		check "IPv6 inside, IPv$outer outside, $with" reaches red fd09::2
		check "IPv$outer outside, $with, from the responder" reaches blue 10.9.0.1
		check "transfer counters agree over IPv$outer, $with" \
			wait_for 5 counters_agree
	done
done

check 'TCP, IPv6 inside and outside' bulk red fd09::2 12M
check 'TCP the other way, IPv6 inside and outside' bulk red fd09::2 12M -R
configure "$T/psk" 10.0.0.1:51801 10.0.0.2:51802
check 'TCP, IPv4 inside and outside' bulk red 10.9.0.2 12M
check 'TCP both ways at once' bulk red 10.9.0.2 8M --bidir
check 'UDP at full packet size' udp red 10.9.0.2 2M 4M 1392
check 'UDP in 64-byte packets' udp red 10.9.0.2 200K 1M 64
check 'transfer counters agree after bulk' wait_for 5 counters_agree

link_counters() {
	ip -n "$1" -s -j link show wg0 | jq -r '.[0].stats64 | "\(.rx.bytes) \(.tx.bytes)"'
}
read -r rx tx <<< "$(link_counters red)"
check 'the link counts what was sent' test "$tx" -gt 20000000
check 'the link counts what was received' test "$rx" -gt 8000000
finish
