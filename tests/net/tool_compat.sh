#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wgctl and the stock wg on one device of kind "wireguard": what one sets, both
# show alike. With KIND=wg the device is our module's, by compat=1; with
# KIND=wireguard it is the in-tree module's, which wgctl drives as well.
#
# not-on 6.1: the programs are the same on every kernel
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

if [ "$KIND" = wg ]; then
	insert compat=1
else
	modprobe wireguard
fi
world red blue
cable red eth0 blue eth0
address red eth0 10.0.0.1/24
address blue eth0 10.0.0.2/24
umask 077
for ns in red blue; do
	ip -n "$ns" link add wg0 type wireguard
	wgctl genkey > "$T/$ns.key"
	wgctl pubkey < "$T/$ns.key" > "$T/$ns.pub"
done
wgctl genpsk > "$T/psk"
red=$(cat "$T/red.pub") blue=$(cat "$T/blue.pub")
other=$(wg genkey | wg pubkey)

# alike CLAIM ARGUMENT...: both tools print the same of the device in red, as
# soon as both print within one second
alike() {
	local claim=$1 ours stock
	shift
	for _ in 1 2 3 4 5; do
		ours=$(at red wgctl "$@" 2>&1) || true
		stock=$(at red wg "$@" 2>&1) || true
		[ "$ours" != "$stock" ] || break
	done
	if [ "$ours" = "$stock" ]; then
		ok "$claim"
	else
		not_ok "$claim" "$(diff <(echo "$ours") <(echo "$stock") |
			cut -c 1-200 | head)"
	fi
}

parts='public-key private-key listen-port fwmark peers preshared-keys endpoints
	allowed-ips latest-handshakes transfer persistent-keepalive dump'

all_alike() {
	local part
	alike "$1: show" show wg0
	alike "$1: showconf" showconf wg0
	alike "$1: interfaces" show interfaces
	for part in $parts; do
		alike "$1: show $part" show wg0 "$part"
	done
}

all_alike 'an empty device'

at red wgctl set wg0 private-key "$T/red.key" listen-port 51801 fwmark 0x77 \
	peer "$blue" preshared-key "$T/psk" endpoint 10.0.0.2:51802 \
	persistent-keepalive 25 allowed-ips 10.9.0.2/32,fd09::/64 \
	peer "$other" endpoint '[fd00::7]:7' allowed-ips 10.9.1.0/24
at blue wg set wg0 private-key "$T/blue.key" listen-port 51802 \
	peer "$red" preshared-key "$T/psk" endpoint 10.0.0.1:51801 \
	allowed-ips 10.9.0.1/32
all_alike 'set by wgctl'

address red wg0 10.9.0.1/24
address blue wg0 10.9.0.2/24
at red wgctl set wg0 fwmark off
ip -n red link set wg0 up
ip -n blue link set wg0 up
check 'a tunnel between one set by wgctl and one set by wg' \
	at red ping -c 3 -i 0.2 -W 5 10.9.0.2
all_alike 'with a session'

at red wgctl showconf wg0 > "$T/ours.conf"
at red wg showconf wg0 > "$T/stock.conf"
check 'wg reads what wgctl wrote' at red wg setconf wg0 "$T/ours.conf"
same 'and the configuration is the same' "$(at red wgctl showconf wg0)" \
	"$(cat "$T/stock.conf")"
before=$(at red wgctl show wg0 transfer)
check 'syncconf of the same file' at red wgctl syncconf wg0 "$T/ours.conf"
same 'and nothing moved' "$(at red wgctl show wg0 transfer)" "$before"

sed 's/10\.9\.1\.0\/24/10.9.2.0\/24/' "$T/ours.conf" > "$T/changed.conf"
check 'a session for syncconf to keep' at red ping -c 1 -W 5 10.9.0.2
shaken=$(at red wgctl show wg0 latest-handshakes | grep -F "$blue")
check 'syncconf of a file in which another peer differs' \
	at red wgctl syncconf wg0 "$T/changed.conf"
same 'the session of the untouched peer lives on' \
	"$(at red wgctl show wg0 latest-handshakes | grep -F "$blue")" "$shaken"
same 'and the other peer is changed' "$(at red wg showconf wg0)" \
	"$(cat "$T/changed.conf")"

check 'setconf by wgctl' at red wgctl setconf wg0 "$T/stock.conf"
same 'has the effect of setconf by wg' "$(at red wg showconf wg0)" \
	"$(cat "$T/stock.conf")"
check 'addconf of nothing' at red wgctl addconf wg0 /dev/null
same 'changes nothing' "$(at red wg showconf wg0)" "$(cat "$T/stock.conf")"
check 'a peer is removed' at red wgctl set wg0 peer "$other" remove
same 'and gone' "$(at red wg show wg0 peers)" "$blue"
check 'setconf of nothing' at red wgctl setconf wg0 /dev/null
all_alike 'emptied'

# many peers, some with more allowed IPs than one attribute holds
many_peers 700 > "$T/many.conf"
check 'seven hundred peers are set' at red wgctl setconf wg0 "$T/many.conf"
same 'and there' "$(at red wgctl show wg0 peers | wc -l)" 701
all_alike 'with seven hundred peers'
# what one takes and refuses, so does the other
ip -n red link add wg7 type wireguard
check 'hundreds of inputs, good and bad, have the same effect' \
	at red python3 -B "$here/../tools/inputs.py" wg7
refuse 'a prefix that is too long' at red wgctl set wg0 peer "$blue" allowed-ips 1.2.3.4/33
refuse 'an interface that is none' at red wgctl show eth0
finish
