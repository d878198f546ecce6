# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scenarios of whole tunnels share; sourced after lib.sh.

# uplink ADDRESS...: namespace red with an uplink, and a default route to nobody
uplink() {
	world red
	cable red up0 red up1
	address red up0 "$@"
	red ip route add default via 10.0.0.254
}

# What comes by and by must not look like something that was left behind.
settle_uplink() {
	wait_for 30 both_have_addresses || { echo 'Bail out! the uplink has no addresses'; exit 1; }
}
both_have_addresses() {
	[ "$(red ip -6 route show table local | grep -cE '^local fe80.* dev up[01] ')" = 2 ]
}

# state: of namespace red, its tunnel wg0 and the files of tunnels, to be compared.
#
# Everything in one namespace's visit, since entering it takes long: addresses,
# routes, timers, filters, the tunnel, name servers, notes and files. Numbers
# that grow each time are left out.
cat > "$T/state" << 'END'
{
	ip -d addr | grep -vE 'valid_lft|fe80'
	ip -d route show table all
	ip -6 -d route show table all | grep -vE 'fe80|ff00|anycast'
	ip -d rule
	ip -6 -d rule
	# one by one, since a table that was made again comes last
	nft list tables | sort
	for family in ip ip6 inet; do nft list table $family wgctl-wg0; done
	nft list table ip hook-wg0
	cat /proc/sys/net/ipv4/conf/all/src_valid_mark /proc/sys/net/ipv4/ip_forward
	cat /proc/sys/net/ipv6/conf/all/forwarding
	[ ! -d /sys/class/net/wg0 ] || wgctl showconf wg0
	ls /tmp/dns.* /run/wgctl | grep -v lock
	cat "$WGCTL_DIRECTORY"/*.conf
	ls -R "$WGCTL_DIRECTORY"
} 2> /dev/null | sed -E 's/^[0-9]+: //; s/@if[0-9]+/@/; s/-netnsid [0-9]+//; s/link\/ether [0-9a-f:]+//'
END
state() { red bash "$T/state"; }

# A resolvconf that writes down what it is told, as /tmp/dns.INTERFACE.
fake_resolvconf() {
	mkdir -p /usr/local/sbin
	cat > /usr/local/sbin/resolvconf <<- 'END'
		#!/bin/bash
		case $1 in
		-a) cat > "/tmp/dns.$2" ;;
		-d) rm -f "/tmp/dns.$2" ;;
		esac
	END
	chmod 755 /usr/local/sbin/resolvconf
	export PATH=/usr/local/sbin:$PATH
}

# many_peers COUNT: a file with so many peers, and one more that has more
# allowed IPs than one attribute holds
many_peers() {
	python3 - "$1" <<- 'END'
		import base64, sys
		print("[Interface]")
		for i in range(int(sys.argv[1])):
		    key = base64.b64encode(bytes([i >> 8, i & 255] * 16)).decode()
		    print(f"[Peer]\nPublicKey = {key}\nAllowedIPs = 10.{i >> 8}.{i & 255}.0/24")
		key = base64.b64encode(b"many allowed addresses, one peer").decode()
		ips = ", ".join(f"fd00::{i:x}/128" for i in range(4000))
		print(f"[Peer]\nPublicKey = {key}\nAllowedIPs = {ips}")
	END
}
