#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# With every offload of the cables on, off, and mixed: traffic passes, and once
# a link cannot segment UDP itself nothing larger than its MTU is on it.
#
#   red vr === r1 router r2 --- vb blue
WG_OFFLOADS=on
. "$(dirname "$0")/lib.sh"

load_module
world red router blue
cable red vr router r1
cable router r2 blue vb
address red vr 10.1.0.1/24 fd01::1/64
address router r1 10.1.0.254/24 fd01::ff/64
address router r2 10.2.0.254/24 fd02::ff/64
address blue vb 10.2.0.2/24 fd02::2/64
ip -n red route add default via 10.1.0.254
ip -n blue route add default via 10.2.0.254
ip -n red -6 route add default via fd01::ff
ip -n blue -6 route add default via fd02::ff
at router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
device red wg0 red 51801 10.9.0.1/24 fd09::1/64
device blue wg0 blue 51802 10.9.0.2/24 fd09::2/64
peer red wg0 blue endpoint 10.2.0.2:51802 allowed-ips 10.9.0.2/32,fd09::2/128
peer blue wg0 red allowed-ips 10.9.0.1/32,fd09::1/128
serve blue
check 'the tunnel works' reaches red 10.9.0.2

# traffic SITUATION: TCP both ways, inside IPv4 and IPv6, and UDP
traffic() {
	check "$1: TCP" bulk red 10.9.0.2 10M
	check "$1: TCP the other way, IPv6 inside" bulk red fd09::2 10M -R
	check "$1: UDP" udp red 10.9.0.2 1M 4M 1392
	check "$1: small UDP" udp red 10.9.0.2 60K 1M 60
}

# too_large FILE: outer packets above the MTU of 1500
too_large() {
	seen "$1" 'udp and ((ip and ip[2:2] > 1500) or (ip6 and ip6[4:2] > 1460))'
}

sniff red vr large.pcap udp
traffic 'offloads on'
unsniff large.pcap
if counts_drops; then
	check 'messages leave in runs, for the link to segment' \
		test "$(too_large large.pcap)" -gt 20
fi

# Only the far cable lacks them: the router has to cut what red sent whole.
offloads off router r2
offloads off blue vb
sniff blue vb far.pcap udp
check 'a link without offloads on the way: TCP' bulk red 10.9.0.2 10M
unsniff far.pcap
same 'nothing larger than the MTU is on that link' "$(too_large far.pcap)" 0
# A message carries at most 1368 bytes of TCP's payload.
between 'all of it crossed that link' $(($(arrived) / 1368)) \
	"$(seen far.pcap src port 51801)" 30000

offloads off red vr
offloads off router r1
sniff red vr off.pcap udp
traffic 'offloads off'
unsniff off.pcap
same 'nothing larger than the MTU is on the wire' "$(too_large off.pcap)" 0

peer red wg0 blue endpoint '[fd02::2]:51802'
sniff red vr off6.pcap udp
check 'offloads off, IPv6 outside: TCP' bulk red 10.9.0.2 6M
unsniff off6.pcap
same 'nothing larger than the MTU is on the wire, IPv6' "$(too_large off6.pcap)" 0

# The tunnel device's own.
offloads off red wg0
offloads off blue wg0
traffic 'offloads of the tunnel off'
offloads on red vr
offloads on blue vb
check 'offloads of the tunnel off, of the cables on: TCP' bulk red 10.9.0.2 6M
at blue ethtool -K vb gro on > /dev/null
offloads on red wg0
check 'one side on: TCP' bulk red 10.9.0.2 6M
check 'one side on: TCP the other way' bulk red 10.9.0.2 6M -R
finish
