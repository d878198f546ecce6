#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices that move to other namespaces while their socket stays, namespaces
# that go from under them, devices that go from under traffic, up and down in
# loops, and a module that is taken out with all of it there.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
check 'the tunnel works' reaches red 10.9.0.2

# The device goes to a namespace without any network but it.
world cell
ip -n red link set wg0 netns cell
address cell wg0 10.9.0.1/24 fd09::1/64
ip -n cell link set wg0 up
check 'a device works from a namespace that has no way out' \
	eventually_reaches cell 10.9.0.2
check 'and is reached there' reaches blue fd09::1
check 'its socket is where it was born' listens red 51801
refuse 'and not where it is' listens cell 51801
at cell "$TOOL" set wg0 listen-port 51811
check 'also after it has changed' listens red 51811
check 'and works' reaches cell 10.9.0.2

# The namespace of the device goes: so does the device, and the socket.
ip netns del cell
gone() { ! listens red 51811; }
check 'a device goes with its namespace, its socket with it' wait_for 20 gone

# The namespace of the socket goes: the device stays, dumb. Its sessions had a route
# of IPv6, which knows its namespace.
world cell nest
cable nest vn blue vc
address nest vn fd03::1/64
address blue vc fd03::2/64
ip -n nest link add wg0 type "$KIND"
ip -n nest link set wg0 netns cell
at cell "$TOOL" set wg0 private-key "$(key red)"
address cell wg0 10.9.0.1/24
ip -n cell link set wg0 up
peer cell wg0 blue endpoint '[fd03::2]:51802' allowed-ips 10.9.0.2/32
check 'a device born elsewhere works' eventually_reaches cell 10.9.0.2
start cell ping -q -f -W 1 10.9.0.2
ip netns del nest
silent() { ! reaches cell 10.9.0.2 -W 1; }
check 'its birthplace goes, under traffic: nothing is carried' wait_for 20 silent
stop "$started"
for n in 1 2 3; do ip netns add "other$n" && ip netns del "other$n"; done
check 'the device is still there' ip -n cell link show wg0
check 'and can be asked' at cell "$TOOL" show wg0
at cell "$TOOL" set wg0 listen-port 51812 2> /dev/null || true
ip -n cell link set wg0 down
ip -n cell link set wg0 up 2> /dev/null || true
check 'and removed' ip -n cell link del wg0
ip netns del cell

# traffic: floods both ways until they are stopped; sets $floods
floods=()
traffic() {
	floods=()
	start red ping -q -f -s 1000 -W 1 10.9.0.2
	floods+=("$started")
	start blue ping -q -f -s 1300 -W 1 10.9.0.1
	floods+=("$started")
}
quiet() {
	local pid
	for pid in "${floods[@]}"; do stop "$pid"; done
}
make_red() {
	device red wg0 red 51801 10.9.0.1/24 fd09::1/64
	peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32,fd09::2/128
}

make_red
check 'the tunnel works, made anew' eventually_reaches red 10.9.0.2
traffic
for _ in {1..15}; do
	ip -n red link set wg0 down
	ip -n red link set wg0 up
	ip -n blue link set wg0 down
	ip -n blue link set wg0 up
done
quiet
check 'thirty times down and up under traffic' eventually_reaches red 10.9.0.2

changes=${TEST_CHANGES:-60} # of the number of lanes
# shellcheck disable=SC2317 # called by check
lanes() { at "$1" ethtool -L wg0 combined "$2"; }
if counts_drops; then
	traffic
	for ((n = 1; n <= changes; n++)); do
		lanes red $((1 + n % 4)) && lanes blue $((1 + n % 3))
	done
	quiet
	check "$changes times other lanes under traffic" reaches red 10.9.0.2
	same 'there are as many as were asked for' \
		"$(at red ethtool -l wg0 | awk '/^Combined/ { n = $2 } END { print n }')" $((1 + changes % 4))
	refuse 'no lanes at all' lanes red 0
	refuse 'more than there can be' lanes red 17
	lanes red 4
fi

traffic
for n in {1..10}; do
	peer red wg0 blue remove
	peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32,fd09::2/128
	peer red wg0 "stranger$n" allowed-ips 10.9.0.9/32
	red "$TOOL" set wg0 listen-port $((51820 + n))
done
quiet
check 'a peer removed and added under traffic' eventually_reaches red 10.9.0.2

for _ in {1..5}; do
	traffic
	sleep 0.3
	ip -n red link del wg0
	quiet
	make_red
done
check 'five devices deleted under traffic' eventually_reaches red 10.9.0.2

traffic
sleep 0.3
ip netns del red
check 'a namespace deleted under traffic' reaches blue 10.0.0.2
quiet
still() { ip netns list | grep -q red; }
refuse 'is gone' still

# Everything at once: the module is taken out while its devices carry traffic.
world red
cable red vr blue vb2
address red vr 10.4.0.1/24
address blue vb2 10.4.0.2/24
device red wg0 red 51801 10.9.0.1/24
peer red wg0 blue endpoint 10.4.0.2:51802 allowed-ips 10.9.0.2/32
check 'a last tunnel' eventually_reaches red 10.9.0.2
traffic
check 'the module is taken out under traffic' rmmod "$KIND"
quiet
refuse 'and its devices with it' ip -n red link show wg0

# What was sent may still rest below when the module goes: here until somebody
# says who 10.4.0.2 is.
load_module
device red wg0 red 51801 10.9.0.1/24
device blue wg0 blue 51802 10.9.0.2/24
peer red wg0 blue endpoint 10.4.0.2:51802 allowed-ips 10.9.0.2/32
peer blue wg0 red allowed-ips 10.9.0.1/32
check 'a tunnel before the rest' eventually_reaches red 10.9.0.2
at red sysctl -qw net.ipv4.neigh.vr.mcast_solicit=1000
ip -n blue link set vb2 arp off
ip -n red neigh flush dev vr
check 'many datagrams are sent at once' red /usr/bin/python3 -I -S -c '
import socket
UDP_SEGMENT = 103
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
for i in range(3):
    s.sendto(bytes(20000), ("10.9.0.2", 9))'
resting() { ip -n red neigh show dev vr | grep -q INCOMPLETE; }
check 'they rest on their way' wait_for 10 resting
check 'the module goes before them' rmmod "$KIND"
check 'they are still there' resting
check 'and end without it' ip -n red neigh flush dev vr nud incomplete
refuse 'all of them' resting
load_module
finish
