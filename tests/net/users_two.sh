#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two tunnels that both want the default route, at the same time: they do not
# break each other, in whatever order they go, and the last one wins.
#
# not-on 6.1: programs outside of the kernel are what is tried
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
uplink 10.0.0.1/24

mkdir -p "$T/conf"
export WGCTL_DIRECTORY=$T/conf
for n in 1 2; do
	cat > "$T/conf/t$n.conf" <<- END
		[Interface]
		PrivateKey = $(wg genkey)
		Address = 10.9.$n.2/24
		[Peer]
		PublicKey = $(wg genkey | wg pubkey)
		AllowedIPs = 0.0.0.0/0
		Endpoint = 10.0.0.$n:51820
	END
	chmod 600 "$T/conf/t$n.conf"
done

machine() {
	red ip -4 -d addr | grep -v valid_lft
	red ip -4 -d route show table all
	red ip -d rule
	red nft list ruleset
	red sysctl -a 2> /dev/null | grep -E 'forward|src_valid_mark'
}

# way ADDRESS [MARK]: the interface by which packets leave
way() { red ip route get "$1" ${2:+mark "$2"} | grep -o 'dev [a-z0-9]*'; }

empty=$(machine)
for first in 1 2; do
	second=$((3 - first))
	check "t$first comes up" red wgctl up t$first
	one=$(machine)
	same "far packets take it" "$(way 192.0.2.1)" "dev t$first"
	check "t$second comes up beside it" red wgctl up t$second
	same "far packets take that" "$(way 192.0.2.1)" "dev t$second"
	same "near packets take neither" "$(way 10.0.0.77)" 'dev up0'
	same "packets of t$second take the uplink" \
		"$(way 10.0.0.254 "$(red wgctl show t$second fwmark)")" 'dev up0'
	check "t$second goes" red wgctl down t$second
	same "all is as with one" "$(machine)" "$one"
	check "t$second comes up again" red wgctl up t$second
	check "t$first goes" red wgctl down t$first
	same "far packets take t$second still" "$(way 192.0.2.1)" "dev t$second"
	same "near packets do not" "$(way 10.0.0.77)" 'dev up0'
	check "t$second goes" red wgctl down t$second
	same 'all is as with none' "$(machine)" "$empty"
done

# Two servers forward for as long as one of them is up, and one that is lost
# without `down` counts no more.
for n in 3 4 5; do
	check "a server t$n" red wgctl new t$n --masquerade --port $((51820 + n))
done
forwards() { red sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs; }
for n in 3 4 5; do
	red wgctl up t$n
	same "forwarding is on with t$n" "$(forwards)" '1 1'
done
red ip link del t4
red wgctl down t3
same 'it stays on for the other' "$(forwards)" '1 1'
red sed -i '/Masquerade/d' "$T/conf/t5.conf"
check 'a file that asks for it no more' red wgctl reload t5
same 'turns it off' "$(forwards)" '0 0'
red wgctl down t5
red wgctl down t4
same 'all is as with none' "$(machine)" "$empty"
finish
