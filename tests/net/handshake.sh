#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may shake hands: wrong keys, unknown peers, simultaneous initiation,
# a peer that starts again, keys changed on a running device.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
(umask 077 && wg genpsk > "$T/psk1" && wg genpsk > "$T/psk2")

# again: both sides forget their sessions
again() {
	local ns
	for ns in red blue; do
		ip -n "$ns" link set wg0 down
	done
	for ns in red blue; do
		ip -n "$ns" link set wg0 up
	done
}

# Initiations that cross: 150 ms on the way, both sides start within them.
tc -n red qdisc add dev vr root netem delay 150ms
start blue ping -q -n -c 60 -i 0.2 10.9.0.1
crossed=$started
check 'both sides initiate at once, and agree' eventually_reaches red 10.9.0.2
check 'and the other way' eventually_reaches blue 10.9.0.1
check 'no packet is lost after that' loses_none red 10.9.0.2 10
wait "$crossed" || true
tc -n red qdisc del dev vr root

# A preshared key on one side, a different one on the other.
again
peer red wg0 blue preshared-key "$T/psk1"
shaken=$(shake_time red wg0 blue)
remember red wg0 handshake-response
refuse 'a preshared key on one side only: no session' reaches red 10.9.0.2
dropped 'a preshared key on one side only' red wg0 handshake-response
again
peer blue wg0 red preshared-key "$T/psk2"
refuse 'different preshared keys: no session' reaches red 10.9.0.2
same 'none of it counts as a handshake' "$(shake_time red wg0 blue)" "$shaken"
peer blue wg0 red preshared-key "$T/psk1"
again
check 'the same preshared key: a session' eventually_reaches red 10.9.0.2

# Strangers.
remember blue wg0 unknown-peer
peer blue wg0 red remove
again
sniff blue vb stranger.pcap -Q out udp
refuse 'a peer that was removed gets no session' reaches red 10.9.0.2
dropped 'a peer that was removed' blue wg0 unknown-peer
unsniff stranger.pcap
same 'a stranger is not answered' "$(seen stranger.pcap)" 0
peer blue wg0 red preshared-key "$T/psk1" allowed-ips 10.9.0.1/32,fd09::1/128
again
check 'added again, it is welcome' eventually_reaches red 10.9.0.2

# Red believes that blue has another key.
peer red wg0 blue remove
peer red wg0 other preshared-key "$T/psk1" endpoint 10.0.0.2:51802 \
	allowed-ips 10.9.0.2/32
remember blue wg0 bad-mac1
refuse 'a wrong public key of the responder: no session' reaches red 10.9.0.2
dropped 'a wrong public key of the responder' blue wg0 bad-mac1
peer red wg0 other remove

# Blue is started again: nothing is left of its sessions, red finds out.
peer red wg0 blue preshared-key "$T/psk1" endpoint 10.0.0.2:51802 \
	allowed-ips 10.9.0.2/32,fd09::2/128
check 'with the right one again' eventually_reaches red 10.9.0.2
ip -n blue link del wg0
device blue wg0 blue 51802 10.9.0.2/24 fd09::2/64
peer blue wg0 red preshared-key "$T/psk1" allowed-ips 10.9.0.1/32,fd09::1/128 \
	endpoint 10.0.0.1:51801
remember red wg0 unknown-index
check 'blue starts again and initiates' eventually_reaches blue 10.9.0.1
check 'red speaks the new session' reaches red 10.9.0.2

# A new private key on a running device.
red "$TOOL" set wg0 private-key "$(key newred)"
peer blue wg0 red remove
peer blue wg0 newred preshared-key "$T/psk1" allowed-ips 10.9.0.1/32
check 'a new private key, known to blue' eventually_reaches red 10.9.0.2
red "$TOOL" set wg0 private-key "$(key blue)"
same 'a device drops the peer that it has become' "$(red "$TOOL" show wg0 peers)" ''
red "$TOOL" set wg0 peer "$(pub blue)" allowed-ips 10.9.0.2/32
same 'and does not take itself as a peer' "$(red "$TOOL" show wg0 peers)" ''
finish
