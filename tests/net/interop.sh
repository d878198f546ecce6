#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Our module against others: the kernel's own and wireguard-go; either side
# initiates; with and without a preshared key; bulk TCP both ways. What happens
# at a rekey is in rekey.sh.
. "$(dirname "$0")/lib.sh"

load_module
modprobe wireguard
modprobe tun
red_blue
(umask 077 && wg genpsk > "$T/psk")
serve red
device red wg0 red 51801 10.9.0.1/24 fd09::1/64
KIND=wireguard TOOL=wg device blue wgk blue 51802 10.9.0.2/24 fd09::2/64
go_device blue wgo blue 51803 10.9.0.2/24 fd09::2/64

# other NAME DEVICE PORT: the whole matrix against that peer
other() {
	local psk with first
	for psk in /dev/null "$T/psk"; do
		with='without a preshared key'
		[ "$psk" = /dev/null ] || with='with a preshared key'
		for first in red blue; do
			blue wg set "$2" peer "$(pub red)" remove
			peer red wg0 blue remove
			TOOL=wg peer blue "$2" red preshared-key "$psk" \
				allowed-ips 10.9.0.1/32,fd09::1/128
			peer red wg0 blue preshared-key "$psk" \
				allowed-ips 10.9.0.2/32,fd09::2/128
			initiate "$first" "$2" "$3" "$1, $with"
		done
		check "$1, $with: TCP to us" bulk blue 10.9.0.1 6M
		check "$1, $with: TCP from us" bulk blue 10.9.0.1 6M -R
	done
}

# initiate red|blue DEVICE PORT TITLE
initiate() {
	case $1 in
	red)
		peer red wg0 blue endpoint "10.0.0.2:$3"
		check "$4: we initiate" eventually_reaches red 10.9.0.2
		check "$4: it answers over IPv6 inside" reaches blue fd09::1
		;;
	blue)
		TOOL=wg peer blue "$2" red endpoint '[fd00::1]:51801'
		check "$4: it initiates" eventually_reaches blue 10.9.0.1
		check "$4: we answer over IPv6 inside" reaches red fd09::2
		;;
	esac
}

other 'the kernel module' wgk 51802
ip -n blue link set wgk down
other wireguard-go wgo 51803
finish
