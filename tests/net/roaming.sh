#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Peers that move: another address, another port, another address family,
# another cable; either side, while traffic flows, without a new handshake. And
# one that may not, since its sockets are bound.
#
# on uml: nothing here depends on how the kernel was built
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
serve blue
if counts_drops; then
	start blue wgctl monitor --json wg0
	monitor=$started told=$output
fi
address red vr 10.0.0.11/24
address blue vb 10.0.0.22/24

check 'the tunnel works' reaches red 10.9.0.2
shaken=$(shake_time blue wg0 red)

# moved CLAIM NAMESPACE IDENTITY ENDPOINT: what NAMESPACE thinks of IDENTITY
moved() {
	check "$1" wait_for 5 has_field "$2" wg0 endpoints "$3" "$4"
}

ip -n red addr del 10.0.0.1/24 dev vr
check 'red has lost its address and goes on from another' reaches red 10.9.0.2
moved 'blue follows red to its new address' blue red 10.0.0.11:51801
check 'blue reaches red there' reaches blue 10.9.0.1

red "$TOOL" set wg0 listen-port 51999
check 'red has changed its port' reaches red 10.9.0.2
moved 'blue follows red to its new port' blue red 10.0.0.11:51999

ip -n blue addr del 10.0.0.2/24 dev vb
check 'blue, the responder, has moved as well' reaches blue 10.9.0.1
moved 'red follows blue' red blue 10.0.0.22:51802

peer red wg0 blue endpoint '[fd00::2]:51802'
check 'red goes on over IPv6' reaches red 10.9.0.2
moved 'blue follows red to IPv6' blue red '[fd00::1]:51999'
check 'blue answers over IPv6' reaches blue fd09::1

# Another cable; the first one is pulled.
cable red vr2 blue vb2
address red vr2 10.1.0.1/24
address blue vb2 10.1.0.2/24
peer red wg0 blue endpoint 10.1.0.2:51802
check 'red takes another cable' reaches red 10.9.0.2
moved 'blue follows red to the other cable' blue red 10.1.0.1:51999
ip -n red link set vr down
check 'the first cable is not missed' reaches red 10.9.0.2 -c 2 -i 0.2
ip -n red link set vr up

# A stream goes on while red moves back and forth beneath it, each time as soon as
# something more has arrived.
start blue bash -c 'exec nc --recv-only -l 10.9.0.2 7000 > /dev/null'
wait_for 10 listens blue 7000
start red bash -c 'exec cat /dev/zero > /dev/tcp/10.9.0.2/7000'
stream=$started
has_more() { [ "$(received blue wg0 red)" -gt $((arrived + 200000)) ]; }
flows() {
	arrived=$(received blue wg0 red)
	wait_for 30 has_more
}
move_about() {
	local n
	for n in 1 2 3 4 5 6; do
		flows || return
		address red vr2 "10.1.0.$((10 + n))/24"
		ip -n red addr del "10.1.0.$((n == 1 ? 1 : 9 + n))/24" dev vr2
	done
	flows
}
check 'a stream survives six moves' move_about
check 'as the one that it was' kill -0 "$stream"
stop "$stream"
check 'and the tunnel works after it' reaches red 10.9.0.2
moved 'blue knows the last address' blue red 10.1.0.16:51999
same 'not one of the moves took a handshake' "$(shake_time blue wg0 red)" "$shaken"
counts_drops || { finish; exit; }

# Bound: what leaves and arrives does so there alone.
silent() { # silent CLAIM: red does not reach blue
	refuse "$1" reaches red 10.9.0.2
}
bind() { red "$TOOL" set wg0 bind "$1"; }
check 'red is bound to the cable that it uses' bind vr2
check 'and goes on' reaches red 10.9.0.2
peer red wg0 blue endpoint 10.0.0.22:51802
sniff red vr bound.pcap -Q out udp
# IPv4 takes for a neighbour whom no route of the device leads to
reaches red 10.9.0.2 > /dev/null || true
unsniff bound.pcap
same 'no packet of red takes the other cable' "$(seen bound.pcap)" 0
peer blue wg0 red endpoint 10.0.0.11:51999
refuse 'nor does red hear what comes by that' reaches blue 10.9.0.1
check 'bound to that one' bind vr
check 'it is heard by that' eventually_reaches blue 10.9.0.1
moved 'and blue has followed' blue red 10.0.0.11:51999
refuse 'an address that is not red'"'"'s is refused' bind 10.0.0.99
refuse 'and so is a device that is not there' bind none
check 'which changes nothing' reaches red 10.9.0.2
address red vr 10.0.0.12/24
check 'red is bound to its second address' bind 10.0.0.12
check 'and goes on from there' reaches red 10.9.0.2
moved 'as blue can tell' blue red 10.0.0.12:51999
peer blue wg0 red endpoint 10.0.0.11:51999
refuse 'at the first it is not heard' reaches blue 10.9.0.1
same 'what it is bound to is shown' \
	"$(red "$TOOL" --json show wg0 | jq -r '.interfaces[0].bind')" 10.0.0.12
ip -n red addr del 10.0.0.12/24 dev vr
silent 'when the address goes, red is silent'
address red vr 10.0.0.12/24
check 'and back when it is back' eventually_reaches red 10.9.0.2
check 'red is bound to a device of its own making' red ip link add away type dummy
bind away
ip -n red link del away
silent 'when that goes, it does not fall back on others'
# Root's other services that share a port are no more ours to join than others.
cat > "$T/share.py" << 'END'
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
sock.bind((sys.argv[1], int(sys.argv[2])))
time.sleep(600)
END
check 'red is bound to its second address again' bind 10.0.0.12
start red python3 "$T/share.py" 10.0.0.11 51999
sharer=$started
is_shared() { red ss -Huln 'src 10.0.0.11:51999' | grep -q .; }
wait_for 10 is_shared
refuse 'a port that somebody shares is not taken from them' bind 10.0.0.11
stop "$sharer"
check 'bound to nothing' bind off
check 'it goes on as ever' eventually_reaches red 10.9.0.2
same 'on the port that it had' "$(red "$TOOL" show wg0 listen-port)" 51999

# What wgctl monitor told of all this, and of what follows.
# has_told FILTER...: in the words of jq, is there such an object?
has_told() { jq -e -n "first(inputs | select($1))" "$told" > /dev/null; }
tells() { check "who listens is told $1" wait_for 10 has_told "$2"; }
tells 'of a move' '.event == "endpoint-moved" and .address == "10.1.0.16:51999"'
peer blue wg0 red persistent-keepalive 77
tells 'what an administrator changed' \
	'.changes == ["persistent_keepalive"] and .persistent_keepalive == 77'
device red wg1 green 51803 10.8.0.1/24
peer red wg1 blue endpoint 10.1.0.2:51802 allowed-ips 10.8.0.2/32
refuse 'a stranger is not let in' at red ping -q -c 1 -W 1 10.8.0.2
tells 'which stranger was refused, and from where' ".reason == \"unknown-peer\" and
	.public_key == \"$(pub green)\" and .address == \"10.1.0.16:51803\""
refusal=$(blue wgctl show wg0 refusals | grep unknown-peer | head -1)
same 'so is who asks later' "$(cut -f 2,4,5 <<< "$refusal")" \
	"unknown-peer	10.1.0.16:51803	$(pub green)"
knows_last() { blue wgctl show wg0 latest-messages | grep -Eq "	$1	[0-9]+\$"; }
check 'what was sent last is known' knows_last '(keepalive|data|response|initiation)'
refuse 'no session has ended so far' has_told '.event == "session-ended"'
ip -n blue link set wg0 down
tells 'that it ends with the link' \
	".event == \"session-ended\" and .public_key == \"$(pub red)\""
ip -n blue link del wg0
tells 'that the interface has gone' '.event == "interface-removed"'
kill -INT "$monitor"
status=0
wait "$monitor" || status=$?
same 'and ends as it should' "$status" 0
finish
