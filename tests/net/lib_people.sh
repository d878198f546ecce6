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
