#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server with a public address, and a laptop behind two layers of NAT that
# changes its address meanwhile: everything from files, with the verbs that
# people use.
#
#   laptop ---- home ---- carrier ==== internet ==== server ---- site
#    .2       NAT      NAT   203.0.113.2      198.51.100.1    172.20.0.2
#
# not-on 6.1: the programs are the same on every kernel
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
world laptop home carrier internet server site
cable laptop eth home lan
address laptop eth 192.168.1.2/24
address home lan 192.168.1.1/24
cable home wan carrier lan
address home wan 100.64.0.2/24
address carrier lan 100.64.0.1/24
cable carrier wan internet left
address carrier wan 203.0.113.2/24
address internet left 203.0.113.1/24
cable internet right server wan
address internet right 198.51.100.254/24
address server wan 198.51.100.1/24
cable server lan site eth
address server lan 172.20.0.1/24
address site eth 172.20.0.2/24
at internet sysctl -qw net.ipv4.ip_forward=1
ip -n laptop route add default via 192.168.1.1
ip -n home route add default via 100.64.0.1
ip -n carrier route add default via 203.0.113.1
ip -n server route add default via 198.51.100.254
ip -n site route add default via 172.20.0.1
masquerade home wan
masquerade carrier wan

fake_resolvconf

# What `down` must leave as it was.
machine() {
	at "$1" ip -d addr | grep -v valid_lft
	at "$1" ip -d route show table all
	at "$1" ip -6 -d route show table all
	at "$1" ip -d rule
	at "$1" ip -6 -d rule
	at "$1" nft list ruleset
	at "$1" sysctl -a 2> /dev/null | grep -E 'forward|src_valid_mark'
	ls /tmp/dns.* 2> /dev/null || true
}

at_server() { WGCTL_DIRECTORY=$T/server at server wgctl "$@"; }
at_laptop() { WGCTL_DIRECTORY=$T/laptop at laptop wgctl "$@"; }
# Link-local addresses come by and by, and addresses are tried before they are used.
settled() {
	local ns
	for ns in laptop server; do
		[ -z "$(ip -n "$ns" -6 addr show tentative)" ] || return
		[ "$(ip -n "$ns" -6 -br addr show up scope link | wc -l)" -ge "$1" ] || return
	done
}
wait_for 10 settled 1
server_before=$(machine server) laptop_before=$(machine laptop)

# --- from nothing to a laptop that is connected ------------------------------

mkdir -m 700 "$T/laptop"
check 'the server gets a file' at_server new wg0 \
	--address 10.8.0.1/24,fd08::1/64 --endpoint 198.51.100.1 --masquerade
check 'and comes up' at_server up wg0
same 'it forwards' "$(at server sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding)" \
	$'1\n1'
check 'a user is added while it is up' at_server user add laptop
at_server user show laptop > "$T/laptop/work.conf"
chmod 600 "$T/laptop/work.conf"
check 'the laptop comes up from what was printed' at_laptop up work
same 'the laptop has the next free addresses' \
	"$(at laptop ip -br addr show dev work | tr -s ' ' | sed 's/ *$//')" \
	'work UNKNOWN 10.8.0.2/32 fd08::2/128'
same 'the server knows the laptop by its name' \
	"$(at_server show wg0 names | cut -f2)" laptop

check 'through the tunnel, IPv4' eventually_reaches laptop 10.8.0.1
check 'through the tunnel, IPv6' eventually_reaches laptop fd08::1
check 'and back' reaches server 10.8.0.2
refuse 'a split tunnel leads nowhere else' reaches laptop 172.20.0.2
check 'the rest goes its own way' reaches laptop 198.51.100.254
is_healthy() { at_server user list | grep -q good; }
check 'the user is in good health' is_healthy

# --- the laptop moves, and NAT forgets --------------------------------------

serve server
start laptop iperf3 -c 10.8.0.1 -t 8 -b 2M
long=$started log=$output
before=$(at server wgctl show wg0 transfer | cut -f 2)
has_begun() { [ "$(at server wgctl show wg0 transfer | cut -f 2)" -gt $((before + 100000)) ]; }
wait_for 10 has_begun
ip -n laptop addr add 192.168.1.77/24 dev eth
ip -n laptop addr del 192.168.1.2/24 dev eth
ip -n laptop route replace default via 192.168.1.1
at home conntrack -F 2> /dev/null || true
wait "$long" && arrived=yes || arrived=$(cat "$log")
same 'a transfer outlives a change of address' "$arrived" yes
check 'the tunnel as well' eventually_reaches laptop 10.8.0.1
ip -n laptop -4 addr flush dev eth
ip -n laptop addr add 192.168.1.2/24 dev eth
ip -n laptop route add default via 192.168.1.1

# --- a full tunnel ----------------------------------------------------------

check 'the split tunnel goes down' at_laptop down work
same 'the laptop is as before' "$(diff <(echo "$laptop_before") <(machine laptop))" ''
check 'a user who sends everything' at_server user add traveller --full --dns 10.8.0.1,example.org
at_server user show traveller > "$T/laptop/far.conf"
chmod 600 "$T/laptop/far.conf"
check 'the laptop comes up again' at_laptop up far
check 'what is behind the server is reached' eventually_reaches laptop 172.20.0.2
check 'what is behind the next router too' reaches laptop 203.0.113.1
check 'its own network is reached directly' reaches laptop 192.168.1.1
same 'far packets take the tunnel' \
	"$(at laptop ip route get 203.0.113.1 | grep -o 'dev [a-z]*')" 'dev far'
sniff internet left wire icmp
check 'so says the ping' reaches laptop 198.51.100.254
unsniff wire
same 'and nobody on the way sees it' "$(seen wire)" 0
same 'name servers are set' "$(cat /tmp/dns.far)" $'nameserver 10.8.0.1\nsearch example.org'

# Somebody in the laptop's network sends to its address in the tunnel.
ip -n home route add 10.8.0.3/32 via 192.168.1.2
refuse 'spoofed packets for the tunnel address are dropped' reaches home 10.8.0.3
ip -n home route del 10.8.0.3/32

# --- a file is changed while the tunnel is up ---------------------------------

shaken=$(at laptop wgctl show far latest-handshakes | cut -f2)
sed -i 's/^Address = .*/Address = 10.8.0.3\/32/; s/^AllowedIPs = .*/AllowedIPs = 10.8.0.0\/24, 172.20.0.0\/24/; /^DNS/d' "$T/laptop/far.conf"
check 'reload brings the tunnel to its file' at_laptop reload far
same 'the session lives on' "$(at laptop wgctl show far latest-handshakes | cut -f2)" "$shaken"
check 'what is behind the server is still reached' reaches laptop 172.20.0.2
same 'the rest goes its own way' \
	"$(at laptop ip route get 203.0.113.1 | grep -o 'dev [a-z]*')" 'dev eth'
same 'no rule is left' "$(at laptop ip rule | wc -l)" 3
same 'no filter is left' "$(at laptop nft list ruleset)" ''
refuse 'no name server is left' test -e /tmp/dns.far
same 'a second reload has nothing to do' "$(at_laptop reload far)" ''

# --- save keeps what a device does not know ----------------------------------

printf '# a comment\n' >> "$T/server/wg0.conf"
at server wgctl set wg0 peer laptop persistent-keepalive 17
check 'the server is saved' at_server save wg0
check 'the change is in the file' grep -qx 'PersistentKeepalive = 17' "$T/server/wg0.conf"
check 'the comment still is' grep -qx '# a comment' "$T/server/wg0.conf"
check 'the server still is to masquerade' grep -qx '# Masquerade = true' "$T/server/wg0.conf"
same 'nobody else can read it' "$(stat -c %a "$T/server/wg0.conf")" 600

# --- and everything goes ------------------------------------------------------

check 'a user is taken away' at_server user del traveller
refuse 'and has no tunnel any more' reaches laptop 10.8.0.1
check 'the laptop goes down' at_laptop down far
check 'the server goes down' at_server down wg0
same 'the laptop is as before' "$(diff <(echo "$laptop_before") <(machine laptop))" ''
same 'the server is as before' "$(diff <(echo "$server_before") <(machine server))" ''
finish
