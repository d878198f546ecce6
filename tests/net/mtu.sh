#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sizes: the default MTU, padding, packets at and above it, outer links that
# are smaller than the tunnel expects, and tunnels larger than their link.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
serve blue
mtu() { ip -n "$1" -j link show "$2" | jq '.[0].mtu'; }
set_mtu() { # set_mtu RED_AND_BLUE_TUNNELS CABLE
	ip -n red link set vr mtu "$2"
	ip -n blue link set vb mtu "$2"
	ip -n red link set wg0 mtu "$1"
	ip -n blue link set wg0 mtu "$1"
}

same 'the MTU is 1420 by default' "$(mtu red wg0)" 1420
check 'the tunnel works' reaches red 10.9.0.2

# padded INNER WIRE: an inner packet of INNER bytes takes WIRE on the wire,
# UDP header included
padded() {
	sniff red vr pad.pcap -Q out udp
	reaches red 10.9.0.2 -s $(($1 - 28)) -M 'do' > /dev/null || true
	unsniff pad.pcap
	same "$1 bytes take $2" \
		"$(seen pad.pcap "$is_data and udp[4:2] = $2")" 1
}
padded 29 $((32 + 32 + 8))
padded 32 $((32 + 32 + 8))
padded 33 $((48 + 32 + 8))
padded 1408 $((1408 + 32 + 8))
padded 1409 $((1420 + 32 + 8))
padded 1420 $((1420 + 32 + 8))

check 'a full packet fits, unfragmented' reaches red 10.9.0.2 -s 1392 -M 'do'
refuse 'one byte more does not' reaches red 10.9.0.2 -s 1393 -M 'do'
check 'larger ones arrive in fragments' reaches red 10.9.0.2 -s 4000 -M dont
check 'over IPv6 too' reaches red fd09::2 -s 4000
check 'a full packet over IPv6' reaches red fd09::2 -s 1372 -M 'do'

# The cable carries less than tunnel and headers need.
set_mtu 1420 1300
sniff red vr fragments.pcap 'ip[6:2] & 0x3fff != 0'
check 'a full packet crosses a smaller link in fragments' \
	reaches red 10.9.0.2 -s 1392 -M dont
unsniff fragments.pcap
between 'they were fragments of the outer packet' 2 "$(seen fragments.pcap)" 8
check 'TCP crosses it' bulk red 10.9.0.2 1M
peer red wg0 blue endpoint '[fd00::2]:51802'
set_mtu 1420 1400
check 'a full packet crosses a smaller IPv6 link in fragments' \
	reaches red 10.9.0.2 -s 1392 -M dont
check 'TCP crosses that too' bulk red fd09::2 1M
peer red wg0 blue endpoint 10.0.0.2:51802

# A tunnel that is larger than its link.
set_mtu 8000 1500
check 'an inner MTU above the outer one works by fragments' \
	reaches red 10.9.0.2 -s 7972 -M dont
check 'with TCP' bulk red 10.9.0.2 4M
set_mtu 8920 9000
check 'jumbo frames carry jumbo packets' reaches red 10.9.0.2 -s 8892 -M 'do'
sniff red vr jumbo.pcap 'ip[6:2] & 0x3fff != 0'
check 'with TCP in them' bulk red 10.9.0.2 20M
unsniff jumbo.pcap
same 'unfragmented' "$(seen jumbo.pcap)" 0

# The smallest that IPv6 and IPv4 may have.
set_mtu 1280 1500
check 'a tunnel of 1280 bytes' bulk red fd09::2 2M
set_mtu 576 1500
check 'a tunnel of 576 bytes' bulk red 10.9.0.2 1M

# Too small for any IP, but nobody is refused what the in-tree device takes.
set_mtu 0 1500
same 'an MTU of nothing is taken' "$(mtu red wg0)" 0
set_mtu 1420 1500
address red wg0 10.9.0.1/24
address blue wg0 10.9.0.2/24
check 'and the tunnel gets over it' reaches red 10.9.0.2
finish
