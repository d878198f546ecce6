#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages that nobody honest sends: replayed, corrupted, cut, extended,
# reflected, forged. Each is dropped for its reason, none is answered, none
# moves an endpoint, and the tunnel goes on afterwards.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair

sniff blue vb handshake.pcap udp
# One packet: two that wait for the session may leave as one datagram for the cable to cut.
check 'the tunnel works' reaches red 10.9.0.2

# joins NAMESPACE PORT: share it, as sockets of one user may
joins() {
	at "$1" python3 -c 'if True:
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
		s.bind(("", int(sys.argv[1])))' "$2"
}
check 'a port may be shared' joins blue 51899
refuse 'no other socket shares ours' joins blue 51802
unsniff handshake.pcap
forge red pick "$T/handshake.pcap" "$T/initiation" 1
forge red pick "$T/handshake.pcap" "$T/response" 2
forge red pick "$T/handshake.pcap" "$T/data" 4

# Red falls silent. What follows comes from 10.0.0.66, which blue could well
# answer: whatever blue sends there is an answer.
ip -n red link set wg0 down
ip -n blue neigh add 10.0.0.66 lladdr "$(red cat /sys/class/net/vr/address)" dev vb
ip -n red neigh add 10.0.0.66 lladdr "$(blue cat /sys/class/net/vb/address)" dev vr
sniff blue vb answers.pcap -Q out udp and host 10.0.0.66
endpoint=$(field blue wg0 endpoints red)
bytes=$(received blue wg0 red)
shaken=$(shake_time blue wg0 red)

coproc thrower { forge red serve; }
# shellcheck disable=SC2154 # set by coproc
jobs_started+=("$thrower_PID")

# hit CLAIM REASON FILE [EDITS]: throw it at blue
hit() {
	local claim=$1 reason=$2 file=$3
	shift 3
	remember blue wg0 "$reason"
	echo "send vr $T/$file --source 10.0.0.66:4444 $*" >&"${thrower[1]}"
	read -r -t 200 _ <&"${thrower[0]}"
	dropped "$claim" blue wg0 "$reason"
}

# once CLAIM REASON: what `hit` threw was dropped once, and once only
once() {
	! counts_drops || same "$1" "$(($(drops blue wg0 "$2") - before))" 1
}

hit 'data sent a second time' replay data
hit 'data with one bit of the tag flipped' bad-tag data --flip 20
hit 'data with one bit of the counter flipped' bad-tag data --flip 8
hit 'data with 16 bytes more' bad-tag data --length 160
hit 'data to a wrong index' unknown-index data --flip 4 --flip 6
hit 'data cut below its header' too-short data --length 31
hit 'a message of three bytes' too-short data --length 3
hit 'an empty datagram' too-short data --length 0
hit 'type 0' bad-type data --set 0=00000000
hit 'type 5' bad-type data --set 0=05000000
hit 'a reserved byte that is not zero' bad-type data --set 3=01
hit 'an initiation sent a second time' handshake-replay initiation
# A group of sockets gets what is sent to many once for each of them.
hit 'one that is sent to all hosts of the network' handshake-replay initiation \
	--to 10.0.0.255
once 'by one of its sockets' handshake-replay
hit 'one that is sent to a group' handshake-replay initiation --to 224.0.0.1
once 'by one as well' handshake-replay
hit 'an initiation with a wrong mac1' bad-mac1 initiation --flip 120
hit 'an initiation with a changed ephemeral' bad-mac1 initiation --flip 10
hit 'the same with mac1 put right' handshake-initiation initiation --flip 10 \
	--mac1 "$(pub blue)"
hit 'an ephemeral of order one' handshake-initiation initiation \
	--set "8=$(printf '00%.0s' {1..32})" --mac1 "$(pub blue)"
hit 'an initiation with mac1 for somebody else' bad-mac1 initiation \
	--mac1 "$(pub red)"
hit 'an initiation cut short' too-short initiation --length 147
hit 'a response that nobody asked for' unknown-index response --back

eval "exec ${thrower[1]}>&-" # it sees the end of its input
# Strangers do not drive the link's counters; what is wrong inside the tunnel does.
link() { at "$1" ip -s -j link show "$2" | jq ".[0].stats64.$3"; }
same 'the link counts none of it as an error' "$(link blue wg0 rx.errors)" 0
same 'nor as dropped' "$(link blue wg0 rx.dropped)" 0
if counts_drops; then
	by_ethtool() { blue ethtool -S wg0 | awk -v name="drop-$1:" '$1 == name { print $2 }'; }
	for reason in replay bad-tag unknown-index bad-mac1 rx-queue-full; do
		same "ethtool counts $reason alike" "$(by_ethtool $reason)" \
			"$(drops blue wg0 $reason)"
	done
	# What perf prints names by: the format of the tracepoint holds numbers, no words of C.
	tracing=$T/tracing
	mkdir "$tracing"
	if mount -t tracefs tracefs "$tracing" 2> /dev/null; then
		refuse 'the tracepoint explains itself' grep -q WG_DROP "$tracing/events/wg/wg_drop/format"
		check 'by name' grep -q '"bad-mac1"' "$tracing/events/wg/wg_drop/format"
		umount "$tracing"
	else
		note 'this kernel has no tracepoints'
	fi
fi
same 'no endpoint has moved' "$(field blue wg0 endpoints red)" "$endpoint"
same 'none of it counts as received' "$(received blue wg0 red)" "$bytes"
same 'none of it counts as a handshake' "$(shake_time blue wg0 red)" "$shaken"
unsniff answers.pcap
same 'none of it was answered' "$(seen answers.pcap)" 0

# Reflection: what red sent comes back to red. (Down, it lost its IPv6 address.)
ip -n red link set wg0 up
address red wg0 fd09::1/64
check 'the tunnel still works' eventually_reaches red 10.9.0.2
sniff red vr answers.pcap -Q out udp and host 10.0.0.66
reflect() {
	remember red wg0 "$2"
	forge blue send vb "$T/$3" --back --source 10.0.0.66:4444
	dropped "$1" red wg0 "$2"
}
reflect 'an own initiation coming back' bad-mac1 initiation
reflect 'own data coming back' unknown-index data
unsniff answers.pcap
same 'reflected messages are not answered' "$(seen answers.pcap)" 0

# A peer that is what it says, but says what it may not.
address red wg0 10.9.0.77/32 fd09::77/128
remember blue wg0 source-not-allowed
refuse 'an inner IPv4 source of nobody gets no reply' \
	reaches red 10.9.0.2 -I 10.9.0.77 -W 1
dropped 'an inner IPv4 source of nobody' blue wg0 source-not-allowed
remember blue wg0 source-not-allowed
refuse 'an inner IPv6 source of nobody gets no reply' \
	reaches red fd09::2 -I fd09::77 -W 1
dropped 'an inner IPv6 source of nobody' blue wg0 source-not-allowed

# IPv4, total length 1000, but 40 bytes long; from 10.9.0.1 to 10.9.0.2
lie=450003e800000000401100000a0900010a090002$(printf '00%.0s' {1..20})
remember blue wg0 inner-length
forge red inner wg0 0x0800 "$lie"
dropped 'an inner length that lies' blue wg0 inner-length
between 'what was wrong inside the tunnel is an error of the link' 3 \
	"$(link blue wg0 rx.errors)" 30
remember red wg0 not-ip
refuse 'what is not IP is refused' forge red inner wg0 0x1234 "$lie"
dropped 'what is not IP' red wg0 not-ip
between 'and an error of sending' 1 "$(link red wg0 tx.errors)" 30

check 'the tunnel works at the end' reaches red 10.9.0.2
check 'and the other way' reaches blue 10.9.0.1
finish
