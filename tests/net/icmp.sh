#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a sender is told when its packet cannot be sent: as a local error, and
# by ICMP when the packet was forwarded. And tunnels that lead into themselves.
#
#   green 10.7.0.2 --- 10.7.0.1 red wg0 ... blue
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
world green
cable green vg red vh
address green vg 10.7.0.2/24 fd07::2/64
address red vh 10.7.0.1/24 fd07::1/64
ip -n green route add default via 10.7.0.1
ip -n green -6 route add default via fd07::1
red sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1

# 10.9.0.3 is on the tunnel's network and nobody's; 10.9.0.4 has a peer that
# nobody knows how to reach.
peer red wg0 lost allowed-ips 10.9.0.4/32,fd09::4/128

# says TEXT NAMESPACE ADDRESS [PING OPTIONS]: what ping reports
says() {
	at "$2" ping -n -c 1 -W "$patience" "${@:4}" "$3" > "$T/ping.out" 2>&1 || true
	grep -q "$1" "$T/ping.out" || {
		cat "$T/ping.out"
		return 1
	}
}

for address in 10.9.0.3 fd09::3; do
	remember red wg0 no-peer
	check "$address, no peer: ENOKEY" says 'Required key not available' red $address
	dropped "$address, no peer" red wg0 no-peer
done
for address in 10.9.0.4 fd09::4; do
	remember red wg0 no-endpoint
	check "$address, no endpoint: EDESTADDRREQ" \
		says 'Destination address required' red $address
	dropped "$address, no endpoint" red wg0 no-endpoint
done
check 'forwarded to no peer: host unreachable' \
	says 'From 10.7.0.1 .*Destination Host Unreachable' green 10.9.0.3
check 'forwarded to no endpoint: host unreachable' \
	says 'From 10.7.0.1 .*Destination Host Unreachable' green 10.9.0.4
check 'forwarded to no peer over IPv6: address unreachable' \
	says 'From fd07::1 .*Address unreachable' green fd09::3
check 'forwarded to no endpoint over IPv6: address unreachable' \
	says 'From fd07::1 .*Address unreachable' green fd09::4

# The answer reaches a socket that asks for errors, as EHOSTUNREACH.
same 'a socket that asks for errors is told EHOSTUNREACH' \
	"$(forge red ask 10.9.0.3 30 | cut -d ' ' -f 1)" 113

# A full packet forwarded to the smaller tunnel is refused with its MTU.
check 'a packet too large to forward: fragmentation needed' \
	says 'Frag needed and DF set (mtu = 1420)' green 10.9.0.2 -s 1472 -M 'do'

# The endpoint is routed into the tunnel that needs it.
check 'the tunnel works' reaches red 10.9.0.2
ip -n red route add 10.0.0.2/32 dev wg0
peer red wg0 blue allowed-ips +10.0.0.2/32 2> /dev/null ||
	peer red wg0 blue allowed-ips 10.9.0.2/32,fd09::2/128,10.0.0.2/32
remember red wg0 send-loop
refuse 'a tunnel in itself carries nothing' reaches red 10.9.0.2 -W 1
dropped 'a tunnel in itself' red wg0 send-loop
ip -n red route del 10.0.0.2/32 dev wg0
check 'and works again afterwards' eventually_reaches red 10.9.0.2

# Two tunnels, each in the other.
device red wg1 red1 51811 10.6.0.1/24
peer red wg1 blue endpoint 10.9.0.2:51802 allowed-ips 10.6.0.2/32,10.0.0.2/32
ip -n red route add 10.0.0.2/32 dev wg1
refuse 'two tunnels in each other carry nothing' reaches red 10.9.0.2 -W 1
refuse 'from the other end' reaches red 10.6.0.2 -W 1
ip -n red link del wg1
check 'the machine lives, and so does the tunnel' eventually_reaches red 10.9.0.2
finish
