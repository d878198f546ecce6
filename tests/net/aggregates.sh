#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A user without any right makes a namespace of their own and writes at our port
# what no cable brings: aggregates of every kind, size and claim, from a tun
# device with a virtio header, on every CPU. No process is held up, the kernel has
# no complaint, and the tunnel that ends at the same port goes on.
#
#	TEST_SECONDS=10	how long at least	SEED=...	of the datagrams
. "$(dirname "$0")/lib.sh"

: "${TEST_SECONDS:=10}" "${SEED:=$RANDOM}"
note "SEED=$SEED"

load_module
modprobe -q tun || true
chmod 666 /dev/net/tun
chmod 711 "$T"
go=$T/go count=$T/count
: > "$count"
chmod 666 "$count"

# blue is the user's: it belongs to nobody, and only the cable is given to it.
cp "$here/aggregates.py" "$T/user.py"
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn \
	/usr/bin/python3 -I -S "$T/user.py" 51802 "$SEED" "$(nproc)" "$go" "$count" \
	> "$T/user.out" 2>&1 &
user=$!
jobs_started+=("$user")
check 'a user without rights makes the device' wait_for 30 grep -q ready "$T/user.out"
ip netns attach blue "$user"
spaces+=(blue)
world red
cable red vr blue vb
blue ip link set lo up
address red vr 10.0.0.1/24 fd00::1/64
address blue vb 10.0.0.2/24 fd00::2/64
address blue tun0 10.77.0.1/24 fd77::1/64
blue ip link set tun0 up
device red wg0 red 51801 10.9.0.1/24
device blue wg0 blue 51802 10.9.0.2/24
peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
peer blue wg0 red allowed-ips 10.9.0.1/32
check 'the tunnel works' eventually_reaches red 10.9.0.2

# A process on every CPU that wants to run now and then.
for cpu in $(seq 0 $(($(nproc) - 1))); do
	# shellcheck disable=SC2016 # for the inner shell
	taskset -c "$cpu" bash -c 'while sleep 0.05; do echo; done' > "$T/ticks.$cpu" &
	jobs_started+=($!)
done
ticks() { wc -l < "$T/ticks.$1"; }
has_ticked() { [ "$(ticks "$1")" -ge "$2" ]; }
# everything that is asked of the tunnel is asked while the writers write
writes_on() {
	local before
	before=$(stat -c %s "$count")
	wait_for 60 test_grown "$before"
}
test_grown() { [ "$(stat -c %s "$count")" -gt "$1" ]; }

touch "$go"
check 'the writers are at work' writes_on
end=$((SECONDS + TEST_SECONDS)) answers=0
while [ $SECONDS -lt $end ]; do
	! reaches red 10.9.0.2 > /dev/null 2>&1 || answers=$((answers + 1))
	sleep 0.1
done
check 'the tunnel works meanwhile' eventually_reaches red 10.9.0.2
for cpu in $(seq 0 $(($(nproc) - 1))); do
	check "processes run on CPU $cpu meanwhile" \
		wait_for 60 has_ticked "$cpu" $(($(ticks "$cpu") + 10))
done
check 'the writers still are at work' writes_on
note "$answers answers; thousands of writes: $(stat -c %s "$count")"
rm "$go"
wait "$user" || true

if counts_drops; then
	for reason in too-short bad-type unknown-index bad-checksum; do
		between "$reason was seen" 1 "$(drops blue wg0 $reason)" 100000000000
	done
fi
same 'the endpoint is where it was' "$(field blue wg0 endpoints red)" 10.0.0.1:51801
check 'the tunnel works afterwards' eventually_reaches red 10.9.0.2
finish
