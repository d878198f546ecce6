#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may see and change what: nobody without CAP_NET_ADMIN in the namespace of
# the device, and nobody but the owner of the namespace where its socket is may
# move that socket.
. "$(dirname "$0")/lib.sh"

load_module
# shellcheck disable=SC2119
pair
chmod 755 "$T"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
as_nobody() { at "$1" setpriv --reuid 65534 --regid 65534 --clear-groups "${@:2}"; }

check 'root sees the private key' test \
	"$(red "$TOOL" show wg0 private-key)" = "$(cat "$T/red.key")"
refuse 'a user sees nothing' as_nobody red "$TOOL" show wg0
refuse 'a user reads no key' as_nobody red "$TOOL" show wg0 private-key
refuse 'a user dumps nothing' as_nobody red "$TOOL" show wg0 dump
refuse 'a user changes nothing' as_nobody red "$TOOL" set wg0 listen-port 1
same 'and has not' "$(red "$TOOL" show wg0 listen-port)" 51801
ls_all() { as_nobody red "$TOOL" show 2>&1; }
same 'no key is in what a user is told' "$(ls_all | grep -cF "$(cat "$T/red.key")")" 0

# Notifications name keys and addresses: who may not ask may not listen either.
install -m 755 "$here/genl.py" "$T/genl"
for group in config peers diag; do
	[ "$KIND" = wg ] || break
	same "a user does not join $group" "$(as_nobody red "$T/genl" join $group)" EPERM
	same 'nor does root of a user namespace that does not own this one' \
		"$(as_nobody red unshare -Ur "$T/genl" join $group)" EPERM
	same 'though in one of its own it does' \
		"$(nobody unshare -Urn "$T/genl" join $group)" joined
done
if [ "$KIND" = wg ]; then
	start red "$T/genl" listen config
	heard=$output
	check 'an administrator joins' wait_for 20 grep -q joined "$heard"
	red "$TOOL" set wg0 fwmark 7
	check 'and hears of a change' wait_for 20 grep -qx 64 "$heard"
	red "$TOOL" set wg0 fwmark 0
fi

# Root of a user namespace, in the namespace that it owns.
cat > "$T/own" <<- END
	set -e
	export PATH=$PATH
	ip link add wg0 type $KIND
	$TOOL genkey | (umask 077; cat > /tmp/own.\$\$)
	$TOOL set wg0 private-key /tmp/own.\$\$ listen-port 4000 fwmark 5
	rm /tmp/own.\$\$
	ip link set wg0 up
	$TOOL show wg0 listen-port
	ip link del wg0
END
same 'root of a user namespace has devices of its own' \
	"$(nobody unshare -Urn bash "$T/own")" 4000
refuse 'and sees none of others' nobody unshare -Urn "$TOOL" show wg0
refuse 'nor in a namespace that it does not own' \
	as_nobody red unshare -Ur "$TOOL" show wg0 private-key

# What a link receives is not charged to whoever brought it up. A socket of theirs
# keeps a page for as long as it lives, once it has received anything.
# The tree is mounted where ip-netns(8), which mounts a /sys of its own, leaves it.
groups=$T/groups
poor=$groups/poor
has_memory_groups() {
	mkdir "$groups" && mount -t cgroup2 cgroup2 "$groups" &&
		echo +memory > "$groups/cgroup.subtree_control" && mkdir "$poor"
}
if has_memory_groups 2> /dev/null; then
	ip -n red link set wg0 down
	red bash -c "echo \$\$ > $poor/cgroup.procs && exec ip link set wg0 up"
	check 'whoever brought the link up' eventually_reaches red 10.9.0.2
	same 'pays nothing for what it receives' "$(awk '$1 == "sock" { print $2 }' "$poor"/memory.stat)" 0
	# Nor do the filters of their group, IPAddressDeny= of a unit, say, take it.
	ip -n red link set wg0 down
	check 'a group lets nothing in' "$here/deny.py" "$poor"
	red bash -c "echo \$\$ > $poor/cgroup.procs && exec ip link set wg0 up"
	check 'but what the tunnel receives' eventually_reaches red 10.9.0.2
	red bash -c "echo \$\$ > $poor/cgroup.procs
		exec ping -q -n -c 1 -W 1 10.0.0.2" > /dev/null && denied=no || denied=yes
	same 'and it does not' "$denied" yes
	rmdir "$poor"
	umount "$groups"
else
	note 'no memory cgroups here'
fi

# A device is given away; its socket stays with red.
start red setpriv --reuid 65534 --regid 65534 --clear-groups \
	unshare -Urn sleep 300
jail=
in_jail() { # its process, once it has a network of its own
	jail=$(pgrep -P "$started" -x sleep || pgrep -x sleep | tail -n 1)
	[ -n "$jail" ] && [ "$(readlink "/proc/$jail/ns/net")" != "$(red readlink /proc/self/ns/net)" ]
}
wait_for 10 in_jail
in_jail
inside() { nsenter -t "$jail" -U -n --preserve-credentials -S 0 -G 0 "$@"; }
ip -n red link set wg0 netns "$jail"
check 'a device that was given away is seen by its new owner' inside "$TOOL" show wg0
check 'who may change its peers' inside "$TOOL" set wg0 peer "$(pub green)" \
	allowed-ips 10.9.0.9/32
refuse 'but not the port, which is of another' inside "$TOOL" set wg0 listen-port 1
refuse 'nor the mark' inside "$TOOL" set wg0 fwmark 1
refuse 'nor the device that it is bound to' inside "$TOOL" set wg0 bind lo
refuse 'nor the address' inside "$TOOL" set wg0 bind 127.0.0.1
same 'the port is what it was' "$(inside "$TOOL" show wg0 listen-port)" 51801
refuse 'the one who gave it sees it no more' red "$TOOL" show wg0
stop "$started"
finish
