#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How many handshakes one peer gets, and one address: who has all keys is
# answered 50 times a second; who proves its address under load is served 20
# times a second, and five times at once.
. "$(dirname "$0")/lib.sh"

load_module
red_blue
device blue wg0 blue 51802 10.9.0.2/24
peer blue wg0 late allowed-ips 10.9.0.1/32

initiator() { red /usr/bin/python3 -I -S "$here/initiator.py" "$1" 10.0.0.2 51802 "$(pub blue)" "${@:2}"; }
# number PATTERN: the number in that part of the report
number() { grep -oE "$1" "$T/report" | grep -oE '[0-9]+'; }

# --- one peer ---------------------------------------------------------------

remember blue wg0 handshake-flood
initiator hurry "$(key late)" 300 200 > "$T/report"
note "$(cat "$T/report")"
took=$(number 'in [0-9]+') answered=$(number 'responses [0-9]+')
# The last ones may be taken late, but not after the second that their answers had.
most=$((took / 20 + 52))
between 'one peer is answered, up to 50 times a second' 5 "$answered" $most
dropped 'the others' blue wg0 handshake-flood $((300 - most))

# --- one address ------------------------------------------------------------

# What is sent to the made-up addresses comes back to red's cable.
ip -n blue route add 198.18.0.0/15 via 10.0.0.1
sniff red vr model.pcap udp
initiator hurry "$(key late)" 1 1 > /dev/null
unsniff model.pcap
start red "${forger[@]}" flood vr "$T/model.pcap" "$(pub blue)" 2000 6000
check 'under load a cookie comes, and opens' initiator cookie "$T/cookie" 150

# Whoever is admitted says that it is somebody whom blue does not know. Where the flood
# has the queue full, most of these are lost in it; they are sent until enough are not.
served=$(! counts_drops || drops blue wg0 unknown-peer)
remember blue wg0 rate-limited
limited=${before:-}
proven() {
	initiator cookie "$T/cookie" 15
	initiator prove "$T/cookie" 300 100 > "$T/report"
	! counts_drops || { has_dropped blue wg0 rate-limited $((limited + 100)) &&
		has_dropped blue wg0 unknown-peer $((served + 5)); }
}
wait_for 30 proven || true
note "$(cat "$T/report")"
same 'who proves its address is sent no more cookies' "$(number 'cookies [0-9]+')" 0
dropped 'most of what comes from one address' blue wg0 rate-limited 100
before=$served
dropped 'some of it is served' blue wg0 unknown-peer 5
finish
