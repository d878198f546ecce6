#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every step of `up` made to fail in turn, and every step interrupted by a
# signal: the machine is as before each time. The same for `reload`, and for
# `user add`, whose files must be as before as well.
# not-on 6.1: takes long, and the steps are the same on every kernel
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
uplink 10.0.0.1/24 fd00::1/64
settle_uplink
gcc -shared -fPIC -D_GNU_SOURCE -o "$T/fail.so" "$here/../tools/fail_nth.c" -ldl

fake_resolvconf
mkdir -p /run/wgctl "$T/conf"
export WGCTL_DIRECTORY=$T/conf

peer=$(wg genkey | wg pubkey)
cat > "$T/conf/wg0.conf" << END
[Interface]
PrivateKey = $(wg genkey)
Address = 10.9.0.1/24, fd09::1/64
ListenPort = 7001
DNS = 10.9.0.1
# Masquerade = true
PreUp = ip link add pre type veth peer name prepeer
PostUp = nft add table ip hook-%i
PostUp = ip route add blackhole 10.99.0.0/16
PostDown = nft delete table ip hook-%i; ip route del blackhole 10.99.0.0/16
PostDown = ip link del pre
[Peer]
# Name = one
PublicKey = $peer
AllowedIPs = 0.0.0.0/0, ::/0, 10.66.0.0/16
Endpoint = 10.0.0.9:51820
END
chmod 600 "$T/conf/wg0.conf"

# break_each WHAT HOW COMMAND...: with its first change failing, with its
# second, and so on, until it succeeds; then the machine must have changed
break_each() {
	local what=$1 how=$2 n=0 step=1 before wrong=''
	shift 2
	[ "$how" != signal ] || step=3 # one in three will show it
	before=$(state)
	while n=$((n + step)) && [ $n -lt 80 ]; do
		if red env FAIL_NTH=$n FAIL_HOW="$how" LD_PRELOAD="$T/fail.so" \
				"$@" > "$T/out" 2> "$T/err"; then
			# a signal at the last change of all comes too late
			if [ "$how" = signal ] || ! grep -q fail_nth "$T/err"; then break; fi
		fi
		if [ "$(state)" != "$before" ]; then
			wrong+="change $n: $(cat "$T/err")"$'\n'
			wrong+="$(diff <(echo "$before") <(state) || true)"$'\n'
			break
		fi
		[ "$how" = signal ] || [ -s "$T/err" ] || wrong+="change $n: nothing said"$'\n'
	done
	same "$what, each change $how in turn" "$wrong" ''
	note "$((n - 1)) changes at most"
	[ -n "$wrong" ] || between "$what has as many changes as it must" 5 "$n" 79
	if [ "$(state)" = "$before" ]; then not_ok "$what works in the end" "$(cat "$T/err")"; fi
}

break_each 'up' failing wgctl up wg0
check 'down' red wgctl down wg0
break_each 'up' signal wgctl up wg0
pid=$(red wgctl show wg0 listen-port)
same 'it listens' "$pid" 7001

sed -i 's/10.9.0.1\/24/10.19.0.1\/24/; s/, ::\/0, 10.66/, 10.67/' "$T/conf/wg0.conf"
break_each 'reload' failing wgctl reload wg0
check 'the file is the tunnel' red wgctl show wg0 allowed-ips
check 'down' red wgctl down wg0

sed -i 's/^AllowedIPs.*/AllowedIPs = 10.19.0.77\/32/; /^DNS/d; /^PreUp/d; /^PostUp/d; /^PostDown/d' "$T/conf/wg0.conf"
check 'up' red wgctl up wg0
break_each 'user add' failing wgctl user add phone --endpoint 192.0.2.1
check 'down' red wgctl down wg0
finish
