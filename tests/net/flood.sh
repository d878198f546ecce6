#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A flood of initiations with a valid mac1 from thousands of addresses: blue
# answers with cookies and nothing else, data flows on, and an honest stranger
# still gets in by proving its address.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
# A second identity of red, which will shake hands under the flood.
device red wg1 late 51803 10.8.0.1/24
peer red wg1 blue endpoint 10.0.0.2:51802 allowed-ips 10.8.0.2/32
peer blue wg0 late allowed-ips 10.8.0.1/32
address blue wg0 10.8.0.2/32
ip -n blue route add 10.8.0.1/32 dev wg0
# what is sent to the made-up addresses comes back to red's cable
ip -n blue route add 198.18.0.0/15 via 10.0.0.1

sniff blue vb model.pcap udp
check 'the tunnel works' reaches red 10.9.0.2
unsniff model.pcap

# A busy machine's capture of all may miss some; of few it misses none.
sniff red vr flood.pcap udp and host 10.0.0.2
sniff red vr honest.pcap udp and port 51803
start red "${forger[@]}" flood vr "$T/model.pcap" "$(pub blue)" 2000 6000
flood=$started
cookies() { [ "$(seen flood.pcap "$is_cookie")" -gt 10 ]; }
is_flooded() { [ "$(seen flood.pcap "$is_initiation")" -gt 5000 ]; }
check 'under load, blue answers with cookies' wait_for 20 cookies

start red ping -q -n -c 1 10.8.0.2 # sets off the handshake
check 'data of an existing session flows on' reaches red 10.9.0.2 -c 20 -i 0.1 -W 5
check 'an honest handshake succeeds under the flood' \
	wait_for 30 has_shaken red wg1 blue
check 'thousands of initiations were sent' wait_for 20 is_flooded
stop "$flood"
unsniff flood.pcap
unsniff honest.pcap

note "$(seen flood.pcap "$is_initiation") initiations;" \
	"$(seen flood.pcap "$is_cookie") cookies"
same 'no made-up address was sent a response' \
	"$(seen flood.pcap "$is_response and dst net 198.18.0.0/15")" 0
same 'nothing but cookies went to made-up addresses' \
	"$(seen flood.pcap "dst net 198.18.0.0/15 and not ($is_cookie)")" 0
check 'cookies are no longer than their 64 bytes' \
	test "$(seen flood.pcap "$is_cookie and udp[4:2] != 72")" = 0
# Where the flood is answered at once for a moment, no cookie is asked of it.
if [ "$(seen honest.pcap "$is_cookie and dst port 51803")" -gt 0 ]; then
	between 'the honest peer used its cookie' 1 \
		"$(seen honest.pcap "$is_initiation and src port 51803 and udp[140:4] != 0")" 99
fi
if counts_drops; then
	between 'cookies are counted' 10 "$(drops blue wg0 cookie-sent)" 1000000
fi
check 'the tunnel is as before' reaches red 10.9.0.2 -c 3 -i 0.2
check 'the new one too' reaches red 10.8.0.2
finish
