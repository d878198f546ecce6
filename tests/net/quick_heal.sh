#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `up`, `down` and `reload` find what they want or nothing, and anything in
# between: where somebody else took a part away, and where they themselves were
# killed at a change. And what tunnels promise to files written for wg-quick:
# names, hooks, MTU.
# limit: 900
# not-on 6.1: the steps are the same on every kernel
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
uplink 10.0.0.1/24 fd00::1/64
settle_uplink
gcc -shared -fPIC -D_GNU_SOURCE -o "$T/fail.so" "$here/../tools/fail_nth.c" -ldl
fake_resolvconf
mkdir -p "$T/conf" /run/wgctl
export WGCTL_DIRECTORY=$T/conf WG_ENDPOINT_RESOLUTION_RETRIES=0

# file NAME [INTERFACE LINES] [PEER LINES]...
file() {
	local name=$1 lines
	printf '[Interface]\nPrivateKey = %s\n%s\n' "$(wgctl genkey)" "$2" > "$T/conf/$name.conf"
	shift 2
	for lines in "$@"; do
		[[ $lines = PublicKey* ]] || lines="PublicKey = $(wgctl genkey | wgctl pubkey)"$'\n'$lines
		printf '[Peer]\n%s\n' "$lines" >> "$T/conf/$name.conf"
	done
	chmod 600 "$T/conf/$name.conf"
}

file wg0 $'Address = 10.9.0.1/24, fd09::1/64\nListenPort = 7001\nDNS = 10.9.0.1\n# Masquerade = true' \
	$'AllowedIPs = 0.0.0.0/0, ::/0, 10.66.0.0/16\nEndpoint = 10.0.0.9:51820'
empty=$(state)
red wgctl up wg0 > /dev/null
whole=$(state)
red wgctl down wg0 > /dev/null

differs() { diff <(echo "$1") <(state) || true; }

# --- parts that somebody else takes away --------------------------------------

lost=(
	'ip rule del table 51820; ip -6 rule del table 51820'
	'ip rule del table main suppress_prefixlength 0'
	'ip rule del table main suppress_prefixlength 0; ip rule add table main suppress_prefixlength 0 pref 32766'
	'nft flush ruleset'
	'nft flush table ip wgctl-wg0'
	'ip route flush table 51820; ip -6 route flush table 51820; ip route del 10.66.0.0/16'
	'ip addr flush dev wg0'
	'ip link set wg0 down'
	'sysctl -qw net.ipv4.conf.all.src_valid_mark=0 net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0'
	'wgctl set wg0 fwmark 0'
	'rm /tmp/dns.wg0'
)
for command in "${lost[@]}"; do
	red wgctl up wg0 > /dev/null
	red sh -c "$command"
	[ "$(state)" != "$whole" ] || not_ok "something is lost after $command"
	check "reload after $command" red wgctl reload wg0
	same 'makes the tunnel whole' "$(differs "$whole")" ''
	same 'and then finds nothing to do' "$(red wgctl reload wg0)" ''
	red sh -c "$command"
	check 'down after the same' red wgctl down wg0
	same 'leaves nothing' "$(differs "$empty")" ''
done

red wgctl up wg0 > /dev/null
red ip link del wg0
check 'up after the interface was deleted' red wgctl up wg0
same 'makes the tunnel whole' "$(differs "$whole")" ''
red ip link del wg0
check 'down after that' red wgctl down wg0
same 'leaves nothing' "$(differs "$empty")" ''

red wgctl up wg0 > /dev/null
red ip link del wg0
cp "$T/conf/wg0.conf" "$T/kept.conf"
sed -i 's/^AllowedIPs.*/AllowedIPs = 10.66.0.0\/16/; /^DNS/d; /Masquerade/d' "$T/conf/wg0.conf"
check 'up as another tunnel after the interface was deleted' red wgctl up wg0
same 'keeps no filter' "$(red nft list tables)" ''
same 'no rule' "$(red ip rule | wc -l)" 3
same 'no server' "$(ls /tmp/dns.* 2> /dev/null)" ''
same 'and forwards nothing' "$(red sysctl -n net.ipv4.ip_forward)" 0
red wgctl down wg0 > /dev/null
cp "$T/kept.conf" "$T/conf/wg0.conf"

red wgctl up wg0 > /dev/null
sed -i 's/^ListenPort/FwMark = 0x77\n&/' "$T/conf/wg0.conf"
check 'reload with a mark of its own' red wgctl reload wg0
same 'leads by that mark, and by no other' \
	"$(red ip rule | grep -o 'fwmark.*')" 'fwmark 0x77 lookup 119'
check 'down' red wgctl down wg0
cp "$T/kept.conf" "$T/conf/wg0.conf"
same 'leaves nothing' "$(differs "$empty")" ''

# --- killed at each change ----------------------------------------------------

killed() {
	red env FAIL_NTH="$1" FAIL_HOW=kill LD_PRELOAD="$T/fail.so" "${@:2}" > "$T/out" 2> "$T/err"
}
is_up() { red test -d /sys/class/net/wg0; }

# heal VERB N: what VERB that was killed at change N left, by reload and by down
heal() {
	if is_up && [ $(($2 % 2)) = 0 ]; then
		red wgctl reload wg0 > /dev/null 2> "$T/err" || echo "reload: $(cat "$T/err")"
		differs "$whole"
	fi
	# the very first change leaves nothing that could be taken down
	red wgctl down wg0 > /dev/null 2> "$T/err" || grep 'is not up' "$T/err" > /dev/null ||
		echo "down: $(cat "$T/err")"
	differs "$empty"
}

for verb in up down; do
	n=0 wrong=''
	# one in three will show it
	while [ -z "$wrong" ] && n=$((n + 3)) && [ $n -lt 60 ]; do
		[ $verb = up ] || red wgctl up wg0 > /dev/null
		if killed $n wgctl $verb wg0; then break; fi
		wrong=$(heal $verb $n)
	done
	same "$verb that is killed at any change is healed" "${wrong:+at $n: $wrong}" ''
	between 'and has as many changes as it must' 8 $n 59
	! is_up || red wgctl down wg0 > /dev/null
done

# --- names --------------------------------------------------------------------

file se1 'Table = off' 'AllowedIPs = 10.66.0.0/16'
ln -s se1.conf "$T/conf/wg7.conf"
check 'a tunnel' red wgctl up se1
check 'and another by a link to its file' red wgctl up wg7
red wgctl set wg7 listen-port 7007
check 'the second is saved' red wgctl save wg7
check 'with its own port' grep -qx 'ListenPort = 7007' "$T/conf/se1.conf"
check 'and its link' test -L "$T/conf/wg7.conf"
red wgctl set wg7 listen-port 7008
check 'the second is reloaded' red wgctl reload wg7
same 'itself' "$(red wgctl show wg7 listen-port)" 7007
check 'the second goes down' red wgctl down wg7
same 'and the first stays' "$(red wgctl show interfaces)" se1
check 'the first goes down' red wgctl down se1

# --- hooks --------------------------------------------------------------------

# hook CLAIM works|fails INTERFACE_LINES: what becomes of `up`; then down
hook() {
	local found=works
	file hk0 "$3"
	red wgctl up hk0 > "$T/out" 2> "$T/err" || found=fails
	same "$1" "$found" "$2"
	[ "$found" = fails ] || check 'and down' red wgctl down hk0
	refuse 'nothing is left' red test -e /sys/class/net/hk0
}

hook 'a command that fails ends its hook' fails 'PostUp = false; true'
hook 'in a pipe as well' fails 'PostUp = false | true'
hook 'one that is asked for an answer does not' works 'PostUp = if false; then :; fi; false || true'
# shellcheck disable=SC2016 # for the hook
hook 'a # in quotes is no comment' works 'PostUp = test "a # b" = "$(echo "a # b")" # one is here'
hook 'PreUp sees the interface' works 'PreUp = ip link show %i'
hook 'a hook that fails half way is undone' fails "PostUp = touch $T/half; false"$'\n'"PostDown = rm $T/half"
refuse 'whole' test -e "$T/half"

cp /etc/hosts "$T/hosts"
file hk0 $'PreUp = echo 10.0.0.9 late.example >> /etc/hosts\nPreUp = ip link set up0 mtu 1400\nPostDown = ip link set up0 mtu 1500' \
	$'AllowedIPs = 10.99.0.0/24\nEndpoint = late.example:51820'
check 'PreUp may wait for names' red wgctl up hk0
same 'and for a way' "$(red cat /sys/class/net/hk0/mtu)" 1320
same 'to the endpoint' "$(red wgctl show hk0 endpoints | cut -f2)" 10.0.0.9:51820
check 'down' red wgctl down hk0
cat "$T/hosts" > /etc/hosts

hook 'a hook may save' works $'PostUp = wgctl save %i\nPostUp = sh -c "setsid -w wgctl save %i"\nPreDown = wgctl save %i'
file hk0 'PreUp = wgctl set %i private-key <(wgctl genkey)'
sed -i /^PrivateKey/d "$T/conf/hk0.conf"
check 'or set the key' red wgctl up hk0
key=$(red wgctl show hk0 private-key)
check 'which a reload' red wgctl reload hk0
same 'leaves as it is' "$(red wgctl show hk0 private-key)" "$key"
check 'down' red wgctl down hk0

mkdir -p /etc/wireguard
for command in 'wg set %i listen-port 7009' 'wg-quick save %i'; do
	file hk0 "PostUp = $command"
	cp "$T/conf/hk0.conf" /etc/wireguard
	refuse "$command does not reach it" red wgctl up hk0
	same 'and what does is said' "$(red wgctl up hk0 2>&1 | grep -o 'use wgctl')" 'use wgctl'
done
rm /etc/wireguard/hk0.conf

# --- files by others ----------------------------------------------------------

red ip route add 10.2.0.0/16 via 10.0.0.254 mtu 1300
file md0 'Table = off' $'AllowedIPs = 10.50.0.0/16\nEndpoint = 10.0.0.9:1' \
	$'AllowedIPs = 10.51.0.0/16\nEndpoint = 10.2.0.9:1' $'AllowedIPs = 10.52.0.0/16\nEndpoint = [fd00::9]:1'
check 'peers by different ways' red wgctl up md0
same 'what is sent fits all of them' "$(red cat /sys/class/net/md0/mtu)" 1220
check 'down' red wgctl down md0

file md0 "PostDown = touch $T/gone" $'AllowedIPs = 10.50.0.0/16'
check 'up' red wgctl up md0
printf 'AlowedIPs = 10.51.0.0/16\nno key here\n[Pear]\nPublicKey = x\n' >> "$T/conf/md0.conf"
check 'a typo does not keep down from working' red wgctl down md0
check 'nor its hooks' test -e "$T/gone"
file md0 '' $'AllowedIPs = 10.50.0.0/16'
check 'up' red wgctl up md0
rm "$T/conf/md0.conf"
check 'nor does a file that is gone' red wgctl down md0
refuse 'it is down' red test -e /sys/class/net/md0

peer=$(wgctl genkey | wgctl pubkey)
file md0 '' "PublicKey = $peer"$'\nAllowedIPs = 10.50.0.0/16' "PublicKey = $peer"$'\nAllowedIPs = 10.51.0.0/16'
red wgctl up md0 > /dev/null 2> "$T/err" || true
same 'two sections of one peer are warned of' "$(grep -c 'warning: .*two sections' "$T/err")" 1
same 'the last one counts' "$(red wgctl show md0 allowed-ips | cut -f2)" 10.51.0.0/16
same 'for routes as well' "$(red ip route show dev md0 | xargs)" '10.51.0.0/16 scope link'

red nft add table ip wg-quick-md0
red nft add table ip6 wg-quick-md0
red nft add table ip wg-quick-md01
check 'down of what wg-quick has filters for' red wgctl down md0
same 'takes them, and no others' "$(red nft list tables)" 'table ip wg-quick-md01'
finish
