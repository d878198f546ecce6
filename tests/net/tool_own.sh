#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wgctl and what only our family has: names of peers, changes of any size that
# are applied whole or not at all, counters and reasons, words of the kernel
# that name the peer.
#
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

insert
world red
ip -n red link add wg0 type wg
ip -n red link set wg0 up
umask 077
key() { wgctl genkey | wgctl pubkey; }
a=$(key) b=$(key)

check 'peers with names' red wgctl set wg0 peer "$a" name laptop \
	allowed-ips 10.0.0.2/32 peer "$b" name 'büro 1'
same 'and the device keeps them' "$(red wgctl show wg0 names)" \
	"$(printf '%s\tlaptop\n%s\tbüro 1' "$a" "$b")"
check 'a name stands for a key' red wgctl set wg0 peer laptop \
	allowed-ips +fd00::2/128,-10.0.0.2/32
same 'and allowed IPs come and go one by one' \
	"$(red wgctl show wg0 allowed-ips | head -n 1)" "$(printf '%s\tfd00::2/128' "$a")"
same 'who takes an allowed IP from another peer is told' \
	"$(red wgctl set wg0 peer "$b" allowed-ips fd00::2/128 2>&1)" \
	"wgctl: warning: peer $b: allowed IP belongs to another peer and was moved"
same 'and it is taken' "$(red wgctl show wg0 allowed-ips)" \
	"$(printf '%s\t(none)\n%s\tfd00::2/128' "$a" "$b")"
red wgctl showconf wg0 > "$T/named.conf"
check 'a file keeps the names' grep -qx '# Name = büro 1' "$T/named.conf"
check 'and gives them back' red wgctl setconf wg0 "$T/named.conf"
same 'to the same configuration' "$(red wgctl showconf wg0)" "$(cat "$T/named.conf")"
refuse 'a name that no peer has' red wgctl set wg0 peer desktop remove
check 'a name is taken away' red wgctl set wg0 peer laptop name ''
same 'and gone' "$(red wgctl show wg0 names | head -n 1)" "$(printf '%s\t(none)' "$a")"

many_peers 10000 > "$T/many.conf"
generation() { # how many changes of configuration there were
	red wgctl show wg0 --json | python3 -c \
		'import json, sys; print(json.load(sys.stdin)["interfaces"][0]["generation"])'
}
before=$(generation)
check 'ten thousand peers are set' red wgctl setconf wg0 "$T/many.conf"
same 'in one change' "$(generation)" "$((before + 1))"
same 'and all are there' "$(red wgctl show wg0 peers | wc -l)" 10001
same 'with all their allowed IPs' \
	"$(red wgctl show wg0 allowed-ips | tail -n 1 | tr ' ' '\n' | wc -l)" 4000
red wgctl showconf wg0 > "$T/before.conf"
check 'syncconf of what is there' red wgctl syncconf wg0 "$T/many.conf"
same 'changes nothing' "$(generation)" "$((before + 1))"
check 'JSON of them all' sh -c \
	'ip netns exec red wgctl show wg0 --json | python3 -m json.tool > /dev/null'

check 'an empty configuration' red wgctl setconf wg0 /dev/null
same 'leaves no peer' "$(red wgctl show wg0 peers)" ''

# a packet to nobody is a drop with a reason
address red wg0 10.7.0.1/24
same 'no drops yet' "$(red wgctl show wg0 drops)" ''
red ping -c 1 -W 1 10.7.0.9 > /dev/null 2>&1 || true
check 'a packet without a peer is dropped for a reason' \
	sh -c 'ip netns exec red wgctl show wg0 drops | grep -q "^(device)"'
note "$(red wgctl show wg0 drops | tr '\n' ' ')"
finish
