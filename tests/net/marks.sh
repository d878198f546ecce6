#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The outer packet's header: ECN both ways, DSCP, the mark and what it is for
# (a default route through the tunnel), and the address that replies come from.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair

sniff blue vb shake.pcap udp
check 'the tunnel works' reaches red 10.9.0.2
unsniff shake.pcap
same 'handshake messages are marked AF41' \
	"$(seen shake.pcap "ip[1] = 0x88 and ($is_initiation or $is_response)")" 2
between 'data is not' 2 "$(seen shake.pcap "ip[1] = 0 and $is_data")" 9

has_seen() { [ "$(seen "$1" udp)" -gt 0 ]; }

# outer TOS WANTED...: red sends with TOS inside; the outer packet has one of
# WANTED
outer() {
	local is_wanted="ip[1] = $2"
	[ $# = 2 ] || is_wanted="($is_wanted or ip[1] = $3)"
	sniff red vr tos.pcap -Q out udp
	reaches red 10.9.0.2 -Q "$1" > /dev/null || true
	wait_for 3 has_seen tos.pcap || true
	unsniff tos.pcap
	between "TOS $1 inside is ${*:2} outside" 1 \
		"$(seen tos.pcap "$is_data and $is_wanted")" 2
	same "TOS $1 inside is nothing else outside" \
		"$(seen tos.pcap "$is_data and not $is_wanted")" 0
}
outer 0x01 1
outer 0x02 2
outer 0x03 2 3 # congestion: RFC 6040 copies it, RFC 3168 makes it 2
outer 0xb8 0 # EF: DSCP stays inside
outer 0xba 2

# arrives INNER OUTER WANTED: with OUTER set on the way, blue sees WANTED
arrives() {
	red nft -f - <<- END
		table ip way {
			chain out {
				type filter hook postrouting priority 0;
				oifname vr udp dport 51802 ip ecn set $2
			}
		}
	END
	sniff blue wg0 in.pcap -Q in icmp
	reaches red 10.9.0.2 -Q "$1" > /dev/null || true
	unsniff in.pcap
	red nft delete table ip way
	same "ECN $1 inside, $2 on the way: $3 arrives" \
		"$(seen in.pcap "ip[1] = $3")" 1
}
arrives 2 ce 3
arrives 1 ce 3
arrives 2 ect0 2
arrives 2 not-ect 2
arrives 0 ect0 0

# RFC 6040, 4.2: the kernel's own module lets it pass
congested_loss() {
	remember blue wg0 bad-ecn
	red nft -f - <<- END
		table ip way {
			chain out {
				type filter hook postrouting priority 0;
				oifname vr udp dport 51802 ip ecn set ce
			}
		}
	END
	refuse 'congestion that the inner packet cannot carry is a loss' \
		reaches red 10.9.0.2 -Q 0 -W 1
	dropped 'congestion that the inner packet cannot carry' blue wg0 bad-ecn
	red nft delete table ip way
}
! counts_drops || congested_loss

# Queues on the way see the flows inside, not one peer. netem lets out at one time
# what came in a second, and fq_codel then counts the flows that it is given.
counted_flows() {
	red tc -s qdisc show dev vr | awk '/fq_codel/ { is = 1 }
		is { for (i = 1; i < NF; i++) if ($i == "new_flow_count") print $(i + 1) }'
}
has_flows() { [ "$(counted_flows)" -ge "$1" ]; }
red tc qdisc add dev vr root handle 1: netem slot 1s 1s
red tc qdisc add dev vr parent 1: handle 2: fq_codel
red bash -c "for port in {9001..9032}; do echo > /dev/udp/10.9.0.2/\$port; done"
# of 32 flows, two may share one of the 1024 queues; one flow is at most one a slot
check 'fq_codel tells the flows of one peer apart' wait_for 10 has_flows 24
red tc -s qdisc show dev vr | sed 's/^/# /'
red tc qdisc del dev vr root

# Everything through the tunnel but what the tunnel itself sends.
address blue lo 192.0.2.1/32
peer red wg0 blue allowed-ips 0.0.0.0/0,::/0
red "$TOOL" set wg0 fwmark 0x51
ip -n red route add default dev wg0 table 51
ip -n red rule add not fwmark 0x51 table 51
ip -n red rule add table main suppress_prefixlength 0
ip -n red route add default via 10.0.0.2 dev vr
address blue lo 203.0.113.2/32
peer red wg0 blue endpoint 203.0.113.2:51802
sniff red vr full.pcap
check 'a default route through the tunnel' reaches red 192.0.2.1
check 'even to the endpoint' reaches red 203.0.113.2
unsniff full.pcap
same 'nothing went past the tunnel' "$(seen full.pcap icmp)" 0
between 'the tunnel used the other route' 4 "$(seen full.pcap udp port 51802)" 99
red "$TOOL" set wg0 fwmark off
refuse 'without the mark it leads into itself' reaches red 192.0.2.1 -W 1
red "$TOOL" set wg0 fwmark 0x51
check 'with the mark again' eventually_reaches red 192.0.2.1
ip -n red rule del not fwmark 0x51 table 51

# Replies come from the address that was spoken to, whatever the others are.
address blue vb 10.0.0.22/24 10.0.0.23/24 fd00::22/64
for target in 10.0.0.22 10.0.0.23 fd00::22; do
	case $target in
	*:*) peer red wg0 blue endpoint "[$target]:51802" ;;
	*) peer red wg0 blue endpoint "$target:51802" ;;
	esac
	sniff red vr sticky.pcap -Q in udp
	check "$target is spoken to" reaches red 10.9.0.2
	unsniff sticky.pcap
	between "and answers itself" 1 "$(seen sticky.pcap src host $target)" 3
	same "no other address does" "$(seen sticky.pcap not src host $target)" 0
done

# The address goes: another one takes over.
ip -n blue addr del fd00::22/64 dev vb
peer red wg0 blue endpoint '[fd00::2]:51802'
check 'when the address is gone, another serves' eventually_reaches red 10.9.0.2
check 'also for the responder' reaches blue 10.9.0.1
# The kernels that User Mode Linux is built from here have no VRF.
if ! counts_drops || ! modprobe -q vrf; then
	finish
	exit
fi

# Another cable, in a VRF, whose routes are for those alone who are bound to it.
ip -n red route del default
ip -n red link add out type vrf table 77
ip -n red link set out up
cable red vr2 blue vb2
ip -n red link set vr2 master out
address red vr2 10.2.0.1/24 fd02::1/64
address blue vb2 10.2.0.2/24 fd02::2/64
remember red wg0 no-route
peer red wg0 blue endpoint 10.2.0.2:51802
refuse 'the routes of a VRF are not for everybody' reaches red 10.9.0.2 -W 1
dropped 'who is not bound to the VRF' red wg0 no-route
red "$TOOL" set wg0 bind out
check 'but for a device that is bound to it' eventually_reaches red 10.9.0.2
check 'whose peer finds the way back' reaches blue 10.9.0.1
peer red wg0 blue endpoint '[fd02::2]:51802'
check 'by IPv6 too' reaches red 10.9.0.2
check 'and back' reaches blue 10.9.0.1
red "$TOOL" set wg0 bind 'fd02::1%out'
check 'from one address of the VRF, too' eventually_reaches red 10.9.0.2
red "$TOOL" set wg0 bind out
check 'and from any' eventually_reaches red 10.9.0.2
peer blue wg0 red endpoint 10.0.0.1:51801
refuse 'what comes from outside of the VRF is not heard' reaches blue 10.9.0.1
finish
