#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ten thousand idle peers in one request, or a hundred thousand in User Mode Linux:
# at most 900 bytes of kernel memory each, 300 of the tool's, no thread, in time that
# grows as they do, and gone almost as quickly as none. When all of them shake hands at
# one time, others do not wait for them.
#
# on uml: ten times as many there, at native speed
. "$(dirname "$0")/lib.sh"

load_module
peers=${TEST_PEERS:-10000}
[ -n "${TEST_PEERS:-}" ] || ! grep -q 'User Mode Linux' /proc/cpuinfo || peers=100000
world red
red ip link add wg0 type "$KIND"
# cost COMMAND...: milliseconds of processor, and KiB of memory at most. An interpreter
# is the least that is told.
cost() {
	red /usr/bin/python3 -I -S - "$@" <<- 'END'
		import os, resource, subprocess, sys
		status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
		used = resource.getrusage(resource.RUSAGE_CHILDREN)
		print(int((used.ru_utime + used.ru_stime) * 1000), used.ru_maxrss)
		sys.exit(status)
	END
}
/usr/bin/python3 -I -S - "$peers" > "$T/many.conf" <<- 'END'
	import base64, random, sys
	chance = random.Random(2)
	print("[Interface]\nListenPort = 51801")
	for n in range(int(sys.argv[1])):
	    key = base64.b64encode(chance.randbytes(32)).decode()
	    print("[Peer]\nPublicKey = %s\nAllowedIPs = 10.%d.%d.%d/32"
	          % (key, n >> 16, n >> 8 & 255, n & 255))
END

# memory: KiB that grow with what the kernel allocates
memory() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 1
	awk '/^(Slab|VmallocUsed|Percpu|KernelStack):/ { n += $2 } END { print n }' /proc/meminfo
}
threads() { # kernel threads
	ps -e --no-headers --ppid 2 -o pid | wc -l
}
# With its red zones and quarantines a debug kernel says nothing about memory.
is_debug() { [ -e /sys/kernel/debug/kmemleak ]; }
count() { red "$TOOL" show wg0 peers | wc -l; }
milliseconds() {
	local begin
	begin=$(date +%s%N)
	"$@" > /dev/null
	echo $((($(date +%s%N) - begin) / 1000000))
}

# What a quarter of them takes is a quarter, and were a sixteenth if it grew by the
# square. What the tool takes is told by the difference.
quarter=$((peers / 4))
head -n $((2 + quarter * 3)) "$T/many.conf" > "$T/quarter.conf"
read -r quarter_ms _ < <(cost "$TOOL" setconf wg0 "$T/quarter.conf")
half=$((peers / 2))
head -n $((2 + half * 3)) "$T/many.conf" > "$T/half.conf"
read -r _ half_kib < <(cost "$TOOL" setconf wg0 "$T/half.conf")
read -r _ half_shown_kib < <(cost "$TOOL" show wg0 dump)
red ip link del wg0
red ip link add wg0 type "$KIND"

red ip link set wg0 up
red "$TOOL" show wg0 > /dev/null
kib=$(memory) tasks=$(threads)
read -r all_ms all_kib < <(cost "$TOOL" setconf wg0 "$T/many.conf")
note "$peers peers set in $all_ms ms of one processor, a quarter of them in $quarter_ms"
grown=$(($(memory) - kib))
same "$peers peers are there" "$(count)" "$peers"
note "$((grown * 1024 / peers)) bytes per peer"
is_debug || between 'memory of an idle peer, in bytes' 100 $((grown * 1024 / peers)) 900
between 'no thread has come with them' 0 $(($(threads) - tasks)) 8
# On a busy machine one of the two may have been unlucky.
anew() { # FILE: what it takes on a new device
	red ip link del wg0
	red ip link add wg0 type "$KIND"
	cost "$TOOL" setconf wg0 "$1"
}
for _ in 1 2; do
	[ $((all_ms * 100 / (quarter_ms + 1))) -gt 800 ] || break
	read -r quarter_ms _ < <(anew "$T/quarter.conf")
	read -r all_ms _ < <(anew "$T/many.conf")
	note "once more: $all_ms ms, a quarter in $quarter_ms"
	red ip link set wg0 up
done
between 'four times as many take four times as long, in percent' 0 \
	$((all_ms * 100 / (quarter_ms + 1))) 1200
read -r took shown_kib < <(cost "$TOOL" show wg0 dump)
note "shown in $took ms"
between 'bytes that the tool takes for each to set them' -300 \
	$(((all_kib - half_kib) * 1024 / half)) 300
between 'and to show them' -300 $(((shown_kib - half_shown_kib) * 1024 / half)) 300
same 'each is found by its address' \
	"$(red "$TOOL" show wg0 allowed-ips | awk '$2 ~ /^10\./' | wc -l)" "$peers"

# Half of them leave in one request.
took=$(milliseconds red "$TOOL" syncconf wg0 "$T/half.conf")
note "half of them removed in $took ms"
same 'half of them are left' "$(count)" "$half"
sed 's/^AllowedIPs/Endpoint = 192.168.7.9:9\n&/' "$T/many.conf" > "$T/herd.conf"
red "$TOOL" setconf wg0 "$T/herd.conf"
same 'and all are back' "$(count)" "$peers"

# Each of them has something to be sent, and nobody answers: that is seconds and more of
# X25519, and whoever begins a handshake with us in the meantime is answered.
world blue
cable red vr blue vb
address red vr 192.168.7.1/24
address blue vb 192.168.7.2/24
ip -n red neigh add 192.168.7.9 lladdr 02:00:00:00:00:09 dev vr
red "$TOOL" set wg0 private-key "$(key red)" listen-port 51801
peer red wg0 blue allowed-ips 172.20.0.2/32
address red wg0 172.20.0.1/24
ip -n red route add 10.0.0.0/8 dev wg0
device blue wg0 blue 51802 172.20.0.2/24
peer blue wg0 red endpoint 192.168.7.1:51801 allowed-ips 172.20.0.1/32
red /usr/bin/python3 -I -S - "$peers" <<- 'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for n in range(int(sys.argv[1])):
	    s.sendto(b"", ("10.%d.%d.%d" % (n >> 16, n >> 8 & 255, n & 255), 9))
END
begun() {
	red "$TOOL" show wg0 transfer |
		awk -v blue="$(pub blue)" '$1 != blue && $3 > 0 { n++ } END { print n + 0 }'
}
have_begun() { [ "$(begun)" -ge "$1" ]; }
before=$(begun) start=$(date +%s%N)
check 'a stranger is served' eventually_reaches blue 172.20.0.1
took=$((($(date +%s%N) - start) / 1000000))
after=$(begun)
note "a ping through a new tunnel took $took ms, while $before to $after of $peers had begun"
[ "$before" -ge $((peers - 1)) ] ||
	between 'before all of them have begun' 0 "$after" $((peers - 1))
# not all: what a slow machine has not begun in 90 s it gives up
check 'half of them begin' wait_for 20 have_begun $((peers / 2))

# Under a second on an idle machine (the in-tree module: minutes), which is a few grace
# periods, as a device without peers takes them, and not some for each peer.
red ip link add wg1 type "$KIND"
red ip link set wg1 up
alone=$(milliseconds red ip link del wg1)
took=$(milliseconds red ip link del wg0)
ip netns del blue
note "deleted in $took ms; a device without peers in $alone ms"
between 'milliseconds that ip link del takes' 0 "$took" $((alone * 100 + 1000))
left=$(($(memory) - kib))
is_debug || between 'KiB of theirs that are left' -4000 $left 2000
finish
