#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same files brought up once with wg-quick, which drives the kernel's own
# module, and once with wgctl, which drives ours: the same addresses, routes,
# rules, filters, MTU, marks and name servers, and the same machine afterwards.
# not-on 6.1: passes there, and what is compared does not depend on the kernel
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
modprobe wireguard
uplink 10.0.0.1/24 fd00::1/64
red ip link set up0 mtu 1450
red ip -6 route add default via fd00::fe
red ip route add 10.5.0.0/16 via 10.0.0.254 mtu 1400
cable red slim0 red slim1
red ip link set slim0 mtu 1400
address red slim0 10.1.0.1/24

# A resolvconf that writes down what it is told.
mkdir -p /usr/local/sbin /etc/wireguard
cat > /usr/local/sbin/resolvconf << 'END'
#!/bin/bash
echo "$*" >> /tmp/resolvconf.calls
[ "$1" != -a ] || cat >> /tmp/resolvconf.calls
END
chmod 755 /usr/local/sbin/resolvconf
export PATH=/usr/local/sbin:$PATH

key=$(wg genkey) one=$(wg genkey | wg pubkey) two=$(wg genkey | wg pubkey)
psk=$(wg genpsk)

# file NAME [INTERFACE LINES] [PEER 1] [PEER 2]
file() {
	{
		printf '[Interface]\nPrivateKey = %s\n%s\n' "$key" "$2"
		[ -z "${3:-}" ] || printf '[Peer]\nPublicKey = %s\n%s\n' "$one" "$3"
		[ -z "${4:-}" ] || printf '[Peer]\nPublicKey = %s\n%s\n' "$two" "$4"
	} > "/etc/wireguard/$1.conf"
	chmod 600 "/etc/wireguard/$1.conf"
}

file q0 $'Address = 10.9.0.2/24, fd09::2/64\nAddress = 10.77.0.1\nListenPort = 7001' \
	$'AllowedIPs = 10.9.0.0/24, 192.168.0.0/16, 192.168.5.0/24, 10.9.0.7/32\nAllowedIPs = fd09::5/128, fd10::/64\nEndpoint = 10.0.0.9:51820' \
	$'AllowedIPs = 10.20.0.0/16, 10.77.0.1/32\nEndpoint = 10.0.0.8:51820\nPersistentKeepalive = 25'
file q1 $'Address = 10.9.0.2/24, fd09::2/64\nDNS = 10.9.0.1, example.org\nDNS = fd09::1\nListenPort = 7001' \
	"AllowedIPs = 0.0.0.0/0, ::/0, 10.66.0.0/16
PresharedKey = $psk
Endpoint = 10.1.0.9:51820"
file q2 $'Address = 10.9.0.2/32\nMTU = 1333\nListenPort = 7001\nFwMark = 0x77' \
	$'AllowedIPs = 0.0.0.0/0\nEndpoint = [fd00::9]:51820'
file q3 $'Address = 10.9.0.2/24, fd09::2/64\nTable = 1234\nListenPort = 7001' \
	$'AllowedIPs = 0.0.0.0/0, ::/0, 10.9.0.0/24\nEndpoint = 10.5.0.9:51820'
file q4 $'Address = 10.9.0.2/24, fd09::2/128\nTable = off\nListenPort = 7001' \
	$'AllowedIPs = 10.50.0.0/16, ::/0'
file q5 $'Address = 10.9.0.2/24, fd09::2/128, 127.5.5.5/32\nListenPort = 7001\nPreUp = echo pre %i >> /tmp/hooks # said\nPostUp = echo post %i >> /tmp/hooks\nPostUp = cat < <(echo two) >> /tmp/hooks\nPreDown = echo predown %i >> /tmp/hooks\nPostDown = ip link show %i 2> /dev/null || echo gone >> /tmp/hooks' \
	$'AllowedIPs = 10.9.0.0/16, fd09::2/128, fd09::/16\nEndpoint = 10.77.77.77:5'
file q6 $'ListenPort = 7001' ''

# What is compared: numbers of interfaces and what names the tool are left out.
machine() {
	local f
	for f in 4 6; do
		red ip -"$f" -d addr | sed -E 's/^[0-9]+: //; s/@[^:]*:/:/; /valid_lft/d; /link\//d'
		red ip -"$f" -d route show table all
		red ip -"$f" -d rule
	done | grep -vE 'wireguard|^ *wg numtx|temporary|fe80|ff00::' |
		sed -E 's/ (qdisc|state|group|qlen) [a-zA-Z0-9]+//g'
	red nft list ruleset | sed -E 's/(table ip6? )(wg-quick|wgctl)/\1/; s/chain .*/chain/'
	red sysctl net.ipv4.conf.all.src_valid_mark
	sort -u "/etc/resolv.conf"
}

told() {
	cat /tmp/resolvconf.calls /tmp/hooks 2> /dev/null || true
	rm -f /tmp/resolvconf.calls /tmp/hooks
}

settings() {
	red "$1" show "$2" dump | awk 'NR == 1 { print $1, $2, $3, $4; next } { $6 = $7 = $8 = ""; print }'
}

empty=$(machine)
for name in q0 q1 q2 q3 q4 q5 q6; do
	told > /dev/null
	red wg-quick up "$name" > "$T/log" 2>&1 || { not_ok "wg-quick brings $name up" "$(cat "$T/log")"; continue; }
	machine > "$T/theirs" && settings wg "$name" >> "$T/theirs"
	red wg-quick down "$name" > "$T/log" 2>&1
	told >> "$T/theirs"
	red sysctl -qw net.ipv4.conf.all.src_valid_mark=0

	check "wgctl says what it would do for $name" red wgctl up --dry-run "$name"
	same "saying it changes nothing" "$(machine)" "$empty"
	check "wgctl brings $name up" red wgctl up "$name"
	machine > "$T/ours" && settings wgctl "$name" >> "$T/ours"
	check "wgctl takes $name down" red wgctl down "$name"
	told >> "$T/ours"
	same "$name: what wg-quick and wgctl make" "$(diff "$T/theirs" "$T/ours")" ''
	same "$name: nothing is left" "$(machine)" "$empty"

	strip() { red "$1" strip "$name" | sed '/^ *$/d'; }
	same "$name: what is left of the file" "$(strip wgctl)" "$(strip wg-quick)"
done

red wg-quick up q1 > /dev/null 2>&1
check 'what wg-quick brought up wgctl takes down' red wgctl down q1
told > /dev/null
red sysctl -qw net.ipv4.conf.all.src_valid_mark=0
same 'nothing is left, the filters of wg-quick neither' "$(machine)" "$empty"

# wg-quick takes these names too, but nft has no such names of tables
cp -p /etc/wireguard/q1.conf '/etc/wireguard/q+1=a.conf'
check 'a name of which nft takes only a part' red wgctl up 'q+1=a'
check 'has its filters' grep -q 'wgctl-q/431/61a' <(red nft list tables)
check 'and goes' red wgctl down 'q+1=a'
told > /dev/null
red sysctl -qw net.ipv4.conf.all.src_valid_mark=0
same 'with all of them' "$(machine)" "$empty"

file b0 '# Bind = slim0' $'AllowedIPs = 10.50.0.0/16\nEndpoint = 10.0.0.9:51820'
file b1 '# Bind = slim0' $'AllowedIPs = 10.50.0.0/16'
for name in b0 b1; do
	check "a tunnel that is bound to another device ($name)" red wgctl up "$name"
	same 'has an MTU that fits that one' "$(red cat "/sys/class/net/$name/mtu")" 1320
	check 'and goes' red wgctl down "$name"
done

# --- without nft --------------------------------------------------------------

# What is compared: order does not matter, nor who says in a comment whose it is.
tables() {
	{ red iptables-save; red ip6tables-save; } |
		sed -nE '/^-A/s/ -m comment --comment "[^"]*"//p' | sort
}
if red iptables -t raw -A PREROUTING -m addrtype --src-type LOCAL && red iptables -t raw -F; then
	nft=$(command -v nft)
	mount --bind /dev/null "$nft"
	# where wgctl, which knows more places than PATH, finds nothing to execute, bash
	# still finds a file
	mkdir "$T/no-nft"
	ln -s /usr/sbin/* "$T/no-nft"
	rm "$T/no-nft/nft"
	with_nft=$PATH
	PATH=$(tr : '\n' <<< "$PATH" | while read -r directory; do
		[ -e "$directory/nft" ] || echo "$directory"
	done | paste -sd :):$T/no-nft
	red wg-quick up q1 > "$T/log" 2>&1 || not_ok 'wg-quick brings q1 up' "$(cat "$T/log")"
	theirs=$(tables)
	check 'what it brought up wgctl takes down' red wgctl down q1
	same 'with all rules' "$(tables)" ''
	check 'wgctl brings q1 up' red wgctl up q1
	same 'with the same rules' "$(tables)" "$theirs"
	red iptables -t raw -F
	check 'of which one was taken away' red wgctl reload q1
	same 'and comes back' "$(tables)" "$theirs"
	check 'down' red wgctl down q1
	same 'takes them away' "$(tables)" ''

	sed '/^\[Peer/,$d; s/^DNS.*/# Masquerade = true/' /etc/wireguard/q1.conf > /etc/wireguard/m1.conf
	chmod 600 /etc/wireguard/m1.conf
	check 'a server masquerades' red wgctl up m1
	same 'what comes from its networks' "$(tables)" '-A POSTROUTING -s 10.9.0.0/24 ! -o m1 -j MASQUERADE
-A POSTROUTING -s fd09::/64 ! -o m1 -j MASQUERADE'
	check 'down' red wgctl down m1
	same 'takes that away' "$(tables)" ''
	PATH=$with_nft
	umount "$nft"
else
	note 'iptables has no addrtype in this kernel'
fi
rmmod wireguard
finish
