#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tunnel shown, one step at a time: two network namespaces, red and blue,
# joined by a cable; in each a wg device; pings from red to blue through it.
set -euo pipefail
export LC_ALL=C WG_COLOR_MODE=never NO_COLOR=1

say() { printf '\n== %s\n' "$*"; }
run() {
	printf '   $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/     /'
}

say "This is $(uname -sr), an unmodified Debian kernel. Load the module."
for need in $(modinfo -F depends "$WG_KO" | tr ',' ' '); do
	modprobe "$need"
done
run insmod "$WG_KO"
run modinfo -F description "$WG_KO"

say 'Two namespaces, and a cable between them: 10.0.0.1 is red, 10.0.0.2 is blue.'
run ip netns add red
run ip netns add blue
run ip link add cable netns red type veth peer name cable netns blue
run ip -n red addr add 10.0.0.1/24 dev cable
run ip -n blue addr add 10.0.0.2/24 dev cable
run ip -n red link set cable up
run ip -n blue link set cable up

say 'A private key for each side, and the public key that belongs to it.'
umask 077
dir=$(mktemp -d)
cd "$dir"
for side in red blue; do
	printf '   $ wgctl genkey > %s.key; wgctl pubkey < %s.key\n' $side $side
	wgctl genkey > $side.key
	wgctl pubkey < $side.key | tee $side.pub | sed 's/^/     /'
done

say 'A device in each namespace, with an address inside the tunnel.'
run ip -n red link add wg0 type wg
run ip -n blue link add wg0 type wg
run ip -n red addr add 10.9.0.1/24 dev wg0
run ip -n blue addr add 10.9.0.2/24 dev wg0

say 'Each learns its own key and whom to talk to; only red knows where blue is.'
run ip netns exec red wgctl set wg0 private-key red.key \
	peer "$(cat blue.pub)" endpoint 10.0.0.2:51820 allowed-ips 10.9.0.2/32
run ip netns exec blue wgctl set wg0 private-key blue.key listen-port 51820 \
	peer "$(cat red.pub)" allowed-ips 10.9.0.1/32
run ip -n red link set wg0 up
run ip -n blue link set wg0 up

say 'What red sends to 10.9.0.2 is encrypted, crosses the cable, and comes back.'
run ip netns exec red ping -c 4 -i 0.3 -W 5 10.9.0.2

say 'Red, as wgctl shows it:'
run ip netns exec red wgctl show
say 'Blue; it learned the endpoint of red from the handshake:'
run ip netns exec blue wgctl show

ip netns del red
ip netns del blue
cd /
rm -rf "$dir"
