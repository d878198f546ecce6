#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine that goes to sleep takes no session keys with it, and talks on by
# itself when it is awake again. The kernel's own test mode puts it to sleep and
# wakes it after a second.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
sniff blue vb before.pcap udp
check 'the tunnel works' reaches red 10.9.0.2
unsniff before.pcap
forge red pick "$T/before.pcap" "$T/data" 4
same 'one handshake was enough' "$(seen before.pcap "$is_initiation")" 1

sniff blue vb awake.pcap udp
check 'the session lasts' reaches red 10.9.0.2
unsniff awake.pcap
same 'without a new handshake' "$(seen awake.pcap "$is_initiation")" 0

# In QEMU the root is on 9p, whose device does not wake: only processes sleep there.
level=freezer
! grep -q 'User Mode Linux' /proc/cpuinfo || level=devices

# fall_asleep LEVEL: how far it goes
fall_asleep() {
	echo 1 > /sys/module/suspend/parameters/pm_test_delay
	echo "$1" > /sys/power/pm_test
	echo freeze > /sys/power/state
}
slept() { dmesg | grep -c 'suspend debug: Waiting for' || true; }

naps=$(slept)
check 'the machine sleeps and wakes' fall_asleep $level
same 'it really did' "$(slept)" $((naps + 1))

# Keys that are gone open nothing.
remember blue wg0 unknown-index
forge red send vr "$T/data"
dropped 'data of the session before' blue wg0 unknown-index

sniff blue vb after.pcap udp
check 'the tunnel works again' eventually_reaches red 10.9.0.2
unsniff after.pcap
between 'by a new handshake' 1 "$(seen after.pcap "$is_initiation")" 2
check 'and the other way' reaches blue 10.9.0.1 -c 3 -i 0.2

# Who opens this device is about to make an image for a disk, or to load one. Until
# it is closed the machine is as good as asleep, though processes run.
making() { "$@" < /dev/snapshot; }
loading() { "$@" > /dev/snapshot; }
asleep() { # asleep making|loading WORD
	local shaken
	shaken=$(shake_time blue wg0 red)
	sniff blue vb "$1.pcap" udp
	refuse "while an image is $2 nothing passes" "$1" reaches red 10.9.0.2 -W 1
	check 'afterwards the tunnel works again' eventually_reaches red 10.9.0.2
	unsniff "$1.pcap"
	between 'by one new handshake' 1 "$(seen "$1.pcap" "$is_initiation")" 2
	check 'later than the last' test "$(shake_time blue wg0 red)" -gt "$shaken"
}
if [ -c /dev/snapshot ]; then
	asleep making made
	asleep loading loaded
fi
finish
