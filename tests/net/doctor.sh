#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the doctor says of tunnels that were broken on purpose: each cause by its name,
# and no other; and nothing of those that are well.
#
# Each set-up has namespaces of its own, red's called r.NAME and blue's b.NAME, with what
# lib.sh draws in them. All are made first, then many are examined at one time.
#
# limit: 1200
# not-on 6.1: what is told is the same on every kernel
# on uml: nothing here depends on how the kernel was built
. "$(dirname "$0")/lib.sh"

umask 077
load_module
expected=()

# two NAME [WORDS for both peers]: a pair that works
two() {
	local name=$1
	shift
	link_two "$name"
	device "r.$name" wg0 red 51801 10.9.0.1/24 fd09::1/64
	device "b.$name" wg0 blue 51802 10.9.0.2/24 fd09::2/64
	peer "r.$name" wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32,fd09::2/128 "$@"
	peer "b.$name" wg0 red endpoint 10.0.0.1:51801 allowed-ips 10.9.0.1/32,fd09::1/128 "$@"
}

# link_two NAME: namespaces and a cable
link_two() {
	world "r.$1" "b.$1"
	cable "r.$1" vr "b.$1" vb
	address "r.$1" vr 10.0.0.1/24 fd00::1/64
	address "b.$1" vb 10.0.0.2/24 fd00::2/64
}

# says CLAIM NAMESPACE [FINDING...]: to be asked of the doctor there
says() { expected+=("$1|$2|${*:3}"); }

# rules NAMESPACE HOOK RULE...: a chain of a firewall
rules() {
	local ns=$1 hook=$2
	shift 2
	at "$ns" nft -f - <<- END
		table inet $hook {
			chain c {
				type filter hook $hook priority 0;
				$*
			}
		}
	END
}

# file NAMESPACE [LINE...]: wg0.conf of that namespace, [Interface] first
file() {
	local ns=$1
	shift
	mkdir -p "$T/$ns"
	printf '%s\n' "$@" > "$T/$ns/wg0.conf"
}

doctor() {
	local ns=$1
	shift
	WGCTL_DIRECTORY=$T/$ns at "$ns" wgctl doctor "$@"
}

watch=0

examine() {
	local ns=$1 status=0
	doctor "$ns" wg0 --json --watch $watch > "$T/$ns.json" 2> "$T/$ns.err" || status=$?
	echo "$status" > "$T/$ns.status"
}

found() { jq -r '.interfaces[].findings[].finding' "$T/$1.json" | sort | xargs; }

# --- the set-ups --------------------------------------------------------------

two well
says 'all is well' r.well
says 'on either side' b.well

two key
at b.key wgctl set wg0 peer "$(pub red)" remove
peer b.key wg0 other endpoint 10.0.0.1:51801 allowed-ips 10.9.0.1/32
peer r.key wg0 blue persistent-keepalive 1
peer b.key wg0 other persistent-keepalive 1
says 'the other side has another key for us' r.key our-key-wrong
says 'we have another key for the other side' b.key peer-key-wrong

two psk
wg genpsk > "$T/psk"
peer r.psk wg0 blue preshared-key "$T/psk"
says 'the preshared keys differ' r.psk psk-differs
says 'the preshared keys differ, seen from there' b.psk psk-differs

two silent
rules b.silent input 'iif vb udp dport 51802 drop'
says 'nothing comes back' r.silent no-answer
says 'our own firewall drops what comes' b.silent blocked-in

two out
rules r.out output 'udp dport 51802 drop'
says 'our own firewall drops what goes' r.out blocked-out

two within persistent-keepalive 1
rules r.within output 'oif wg0 meta l4proto != ipv6-icmp drop'
says 'our own firewall drops what goes into the tunnel' r.within blocked-out

two port
peer r.port wg0 blue endpoint 10.0.0.2:9
says 'nobody listens there' r.port refused

two prohibit
ip -n r.prohibit route add 10.5.0.0/24 via 10.0.0.2
at b.prohibit sysctl -qw net.ipv4.ip_forward=1
ip -n b.prohibit route add prohibit 10.5.0.0/24
peer r.prohibit wg0 blue endpoint 10.5.0.9:51802
says 'a router says no' r.prohibit unreachable

two elsewhere
address b.elsewhere vb 10.0.0.22/24
at b.elsewhere nft 'table ip t { chain c { type filter hook postrouting priority 0; udp sport 51802 ip saddr set 10.0.0.22; }; }'
rules r.elsewhere input 'ip saddr 10.0.0.22 drop'
says 'answers come from elsewhere' r.elsewhere answer-elsewhere

link_two nowhere
device r.nowhere wg0 red 51801 10.9.0.1/24
peer r.nowhere wg0 blue allowed-ips 10.9.0.2/32
says 'no endpoint' r.nowhere no-endpoint

two loop
at r.loop wgctl set wg0 peer "$(pub blue)" endpoint 10.5.0.2:51802 allowed-ips 0.0.0.0/0
ip -n r.loop route add default dev wg0
says 'the endpoint is routed into the tunnel' r.loop endpoint-loop

two route
peer r.route wg0 blue endpoint 10.7.0.2:51802
says 'no route to the endpoint' r.route no-route

two family
ip -n r.family addr flush dev vr scope global
ip -n r.family addr add 10.0.0.1/24 dev vr
at r.family sysctl -qw net.ipv6.conf.vr.disable_ipv6=1
peer r.family wg0 blue endpoint '[2001:db8::2]:51802'
says 'no route of that address family' r.family no-family

link_two taken
start r.taken nc -u -l 10.0.0.1 51801
wait_for 10 listens r.taken 51801
ip -n r.taken link add wg0 type wg
at r.taken wgctl set wg0 private-key "$(key red)" listen-port 51801
address r.taken wg0 10.9.0.1/24
peer r.taken wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
says 'the port is taken' r.taken port-taken

two bound
ip -n r.bound link add away type dummy
at r.bound wgctl set wg0 bind away
ip -n r.bound link del away
says 'what it is bound to is gone' r.bound bound-gone

two rebound
ip -n r.rebound link add away type dummy
at r.rebound wgctl set wg0 bind away
ip -n r.rebound link del away
ip -n r.rebound link add away type dummy
says 'and when another one has its name' r.rebound bound-gone

two unsourced
address r.unsourced vr 10.0.0.7/24
at r.unsourced wgctl set wg0 bind 10.0.0.7
ip -n r.unsourced addr del 10.0.0.7/24 dev vr
says 'the address that it is bound to is gone' r.unsourced bound-gone

two down
ip -n r.down link set wg0 down
says 'the link is down' r.down link-down

two address
ip -n r.address addr flush dev wg0
ip -n r.address route add 10.9.0.0/24 dev wg0
ip -n r.address route add fd09::/64 dev wg0
says 'there is no address' r.address no-address

two nobody
ip -n r.nobody route add 10.66.0.0/16 dev wg0
says 'nobody has the destination' r.nobody nobodys

two exit
peer r.exit wg0 blue allowed-ips 10.9.0.0/24
peer r.exit wg0 other endpoint 10.0.0.3:51802 allowed-ips 0.0.0.0/0
address b.exit vb 10.0.0.3/24
rules b.exit input 'ip daddr 10.0.0.3 drop'
says 'of two peers that may have an address the one that has not is silent' r.exit no-answer

two source
address b.source wg0 10.9.0.77/24
start b.source ping -q -i 0.5 -I 10.9.0.77 10.9.0.1
says 'the peer sends from what is not its own' r.source source

two unheard
peer b.unheard wg0 red allowed-ips ''
says 'the peer sends nothing but keepalives' r.unheard keepalives-only

two unpinged
check 'a peer that drops pings sends them' reaches b.unpinged 10.9.0.1
rules b.unpinged input 'meta l4proto { icmp, icmpv6 } drop'
says 'and is well' r.unpinged

two twice
world c.twice
cable r.twice vs c.twice vc
address r.twice vs 10.1.0.1/24
address c.twice vc 10.1.0.2/24
device c.twice wg0 blue 51802 10.9.0.2/24
peer c.twice wg0 red endpoint 10.1.0.1:51801 allowed-ips 10.9.0.1/32
start b.twice ping -q -n -i 2 10.9.0.1
start c.twice ping -q -n -i 3 10.9.0.1 # so that each is the last one for a while
says 'two machines have the same key' r.twice key-twice

two neighbour
peer r.neighbour wg0 blue endpoint 10.0.0.77:51802
says 'nobody has the address of the endpoint' r.neighbour unreachable

two other
ip -n r.other addr del 10.9.0.1/24 dev wg0
address r.other wg0 10.9.0.11/24
start b.other ping -q -i 0.5 10.9.0.1
says 'the interface has another address than the other side thinks' r.other wrong-address

two moved
world x.moved
ip -n r.moved link set wg0 netns x.moved
ip -n x.moved link set wg0 up
address x.moved wg0 10.9.0.1/24
says 'a device whose sockets are in another namespace is well' x.moved

two missing
peer r.missing wg0 blue allowed-ips 10.9.0.2/32,192.168.77.0/24
says 'no route to allowed IPs' r.missing route-missing

two led
peer r.led wg0 blue allowed-ips 10.9.0.2/32,192.168.77.0/24
ip -n r.led route add 192.168.77.0/24 dev vr
says 'the route to allowed IPs leads elsewhere' r.led route-elsewhere

two tabled
at r.tabled wgctl set wg0 fwmark 7 peer "$(pub blue)" allowed-ips 0.0.0.0/0
ip -n r.tabled route add default dev wg0 table 100
says 'no rule leads to the table of a full tunnel by hand' r.tabled policy-missing

two mtu
rules b.mtu prerouting 'iif vb meta length gt 1300 drop'
says 'large packets vanish' r.mtu mtu

# --- beyond the tunnel --------------------------------------------------------

# beyond NAME: red reaches 203.0.113.9 in c.NAME through blue, which forwards
beyond() {
	world "c.$1"
	cable "b.$1" vc "c.$1" vx
	address "b.$1" vc 203.0.113.1/24
	address "c.$1" vx 203.0.113.9/24
	at "b.$1" sysctl -qw net.ipv4.ip_forward=1
}

# through NAME: the same, with a route of red's, and traffic
through() {
	two "$1"
	beyond "$1"
	peer "r.$1" wg0 blue allowed-ips 10.9.0.2/32,203.0.113.0/24
	ip -n "r.$1" route add 203.0.113.0/24 dev wg0
	start "r.$1" ping -q -i 0.5 203.0.113.9
}

through forwards
masquerade b.forwards vc
says 'what is forwarded and masqueraded is well' b.forwards
says 'and on the other side' r.forwards

through off
at b.off sysctl -qw net.ipv4.ip_forward=0
says 'forwarding is off' b.off forwarding-off

through bare
says 'nothing is masqueraded' b.bare no-masquerade

says 'and so nobody behind it answers' r.bare unanswered

two misnamed
masquerade b.misnamed eth0
says 'what leaves by a device that is not there is masqueraded' b.misnamed no-masquerade

through chain
masquerade b.chain vc
at b.chain nft 'table inet f { chain c { type filter hook forward priority 0; policy drop; }; }'
says 'a forward chain drops' b.chain forward-drops

# --- from files ---------------------------------------------------------------

# up NAMESPACE ALLOWED_IPS [LINES of the interface...]: red's tunnel from a file
up() {
	local ns=$1 ips=$2
	shift 2
	file "$ns" '[Interface]' "PrivateKey = $(cat "$(key red)")" 'ListenPort = 51801' \
		'Address = 10.9.0.1/24' "$@" '[Peer]' "PublicKey = $(pub blue)" \
		"Endpoint = ${endpoint:-10.0.0.2}:51802" "AllowedIPs = $ips"
	WGCTL_DIRECTORY=$T/$ns at "$ns" wgctl up wg0 > "$T/up.log" 2>&1 || cat "$T/up.log"
}

# half NAME: blue's side of a pair
half() {
	link_two "$1"
	device "b.$1" wg0 blue 51802 10.9.0.2/24
	peer "b.$1" wg0 red allowed-ips 10.9.0.1/32
}

# full NAME: red sends everything through blue
full() {
	half "$1"
	beyond "$1"
	masquerade "b.$1" vc
	up "r.$1" 0.0.0.0/0
}

full full
start r.full ping -q -i 0.5 203.0.113.9
says 'a full tunnel is well' r.full
says 'and its server' b.full

full policy
ip -n r.policy rule del not fwmark 51820
says 'a rule of the full tunnel is missing' r.policy policy-missing

full spoof
at r.spoof nft delete table ip wgctl-wg0
says 'its filter is missing' r.spoof spoof-filter

# The server is beyond a router: by the main table alone it is not reached.
half strict
address b.strict lo 10.5.0.2/32
ip -n r.strict route add default via 10.0.0.2
endpoint=10.5.0.2 up r.strict 0.0.0.0/0
at r.strict sysctl -qw net.ipv4.conf.all.src_valid_mark=0 net.ipv4.conf.vr.rp_filter=1
says 'the reverse path filter is in the way' r.strict rp-filter

# byhand NAME: what has a mark goes through blue, by a table of its own
byhand() {
	half "$1"
	beyond "$1"
	masquerade "b.$1" vc
	up "r.$1" 0.0.0.0/0,203.0.113.0/24 'Table = 100'
	ip -n "r.$1" rule add fwmark 7 lookup 100
	start "r.$1" ping -q -i 0.5 -m 7 203.0.113.9
}

byhand marked
says 'what goes by a rule of its own is well' r.marked

byhand inside
at r.inside sysctl -qw net.ipv4.conf.wg0.rp_filter=1
says 'unless the reverse path filter does not know the rule' r.inside rp-filter

full still
at b.still sysctl -qw net.ipv4.ip_forward=0
says 'the server does not forward, seen from its user' r.still peer-forwards-not

half differs
up r.differs 10.9.0.2/32
at r.differs wgctl set wg0 listen-port 51809
says 'device and file differ' r.differs file-differs

half read
up r.read 10.9.0.2/32
chmod 644 "$T/r.read/wg0.conf"
says 'others can read the file' r.read file-readable

half dns
mkdir "$T/bin"
printf '#!/bin/sh\n' > "$T/bin/resolvconf"
chmod 755 "$T/bin/resolvconf"
PATH=$T/bin:$PATH up r.dns 10.9.0.2/32 'DNS = 10.9.0.53'
says 'a resolver that was told nothing' r.dns resolver-not-told

half far
mkdir -p /etc/netns/r.far
echo 'nameserver 192.168.50.1' > /etc/netns/r.far/resolv.conf
PATH=$T/bin:$PATH up r.far 10.9.0.2/32 'DNS = 192.168.50.1'
says 'a name server that nothing leads to' r.far resolver-outside

half overlap
up r.overlap 10.9.0.2/32 '[Peer]' "PublicKey = $(pub other)" 'AllowedIPs = 10.9.0.2/32'
says 'two peers are given one address' r.overlap overlap

half own
up r.own 10.9.0.2/32 '[Peer]' "PublicKey = $(pub red)" 'AllowedIPs = 10.9.0.9/32'
says 'a peer has our own key' r.own own-key

link_two absent
file r.absent '[Interface]' "PrivateKey = $(cat "$(key red)")"
says 'a file, and no interface' r.absent no-interface

link_two same
file r.same '[Interface]' "PrivateKey = $(cat "$(key red)")" '[Peer]' \
	"PublicKey = $(pub blue)" 'AllowedIPs = 10.0.0.0/24'
says 'why it may not come up: the network of the uplink' r.same same-net
same 'and up says who has it' \
	"$(WGCTL_DIRECTORY=$T/r.same at r.same wgctl up wg0 2>&1 | grep -o '10.0.0.0/24: [^:]*')" \
	'10.0.0.0/24: vr has that network already'

link_two broken
file r.broken '[Interface]' 'PrivateKey = red'
says 'a file with an error' r.broken file-broken

# hosts NAME [LINE...]: what names mean in r.NAME, from now on
hosts() {
	mkdir -p "/etc/netns/r.$1"
	echo 'hosts: files' > "/etc/netns/r.$1/nsswitch.conf"
	printf '%s\n' "${@:2}" > "/etc/netns/r.$1/hosts"
}

for name in named unnamed six; do
	half $name
	hosts $name '10.0.0.2 vpn.test' 'fd00::2 vpn.test'
	endpoint=vpn.test up r.$name 10.9.0.2/32
	rules b.$name input 'iif vb udp dport 51802 drop'
done
hosts named '10.0.0.3 vpn.test'
hosts unnamed
says 'the name of the endpoint is right, and nothing comes back' r.six no-answer
says 'the name of the endpoint has moved' r.named name-moved
says 'and resolves no more' r.unnamed name-fails

# --- what was, and is no more ---------------------------------------------------

world r.nat g.nat b.nat
cable r.nat vr g.nat vg
cable g.nat vo b.nat vb
address r.nat vr 10.1.0.1/24
address g.nat vg 10.1.0.2/24
address g.nat vo 10.0.0.9/24
address b.nat vb 10.0.0.2/24
ip -n r.nat route add default via 10.1.0.2
masquerade g.nat vo
device r.nat wg0 red 51801 10.9.0.1/24
device b.nat wg0 blue 51802 10.9.0.2/24
peer r.nat wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
peer b.nat wg0 red allowed-ips 10.9.0.1/32
check 'a peer behind NAT is there' reaches r.nat 10.9.0.2
rules g.nat prerouting 'iif vo udp sport 51802 drop' # as if forgotten, and sooner
says 'and then it is not' b.nat idle

two early
check 'a peer has shaken hands' reaches r.early 10.9.0.2
ip -n r.early link del wg0
date -s '1 hour ago' > /dev/null
device r.early wg0 red 51801 10.9.0.1/24
peer r.early wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
refuse 'and is refused when its clock goes back' reaches r.early 10.9.0.2 -W 1
date -s '1 hour' > /dev/null
ip -n r.early link set wg0 down
says 'the clock of the peer went back' b.early peer-clock

# --- many at one time ---------------------------------------------------------

# More than these, and a doctor has not enough of a loaded machine to see what happens
# in the seconds that it watches.
at_once=16

# judge: ask all that was to be asked
judge() {
	local line claim ns wanted examinations=()
	for line in "${expected[@]}"; do
		IFS='|' read -r claim ns wanted <<< "$line"
		examine "$ns" &
		examinations+=($!)
		[ $((${#examinations[@]} % at_once)) != 0 ] || wait "${examinations[@]}"
	done
	wait "${examinations[@]}"
	for line in "${expected[@]}"; do
		IFS='|' read -r claim ns wanted <<< "$line"
		same "$claim: ${wanted:-nothing}" "$(found "$ns" 2>&1) $(cat "$T/$ns.status")" \
			"$wanted $([ -z "$wanted" ]; echo $?)"
		jq -r '.interfaces[].findings[] | "#   \(.finding): \(.evidence)"' "$T/$ns.json"
		sed 's/^/#   /' "$T/$ns.err"
	done
	expected=()
}

watch=20
judge
watch=0
check 'the name has another address, which is told' grep -q 'its name is .* as well' "$T/r.six.json"
check 'and that nobody sets the clock' grep -q 'our clock' "$T/r.six.json"

# --- clocks and modules, which are everybody's --------------------------------

check 'before the clock goes back the tunnel works' reaches r.well 10.9.0.2
date -s '1 hour ago' > /dev/null
says 'our own clock went back' r.well our-clock
judge
date -s '1 hour' > /dev/null

echo 0.0.1 > "$T/version"
# shellcheck disable=SC2016 # for the inner shell
old() {
	at r.well bash -c 'mount --bind "$1" /sys/module/wg/version; wgctl doctor wg0 --json' \
		- "$T/version" | jq -r '.interfaces[].findings[].finding'
}
same 'the module is older than the tool: module-old' "$(old)" module-old
end_jobs
end_world
check 'the module goes, to see what is said then' eval 'wait_for 30 is_unused wg && rmmod wg'

link_two gone
says 'the module is not loaded' r.gone module-missing
judge
modprobe wireguard
echo 'options wg compat=1' > /etc/modprobe.d/wg-test.conf
says 'compat is asked for and refused' r.gone compat-refused
judge
rm /etc/modprobe.d/wg-test.conf
ip -n r.gone link add wg0 type wireguard
at r.gone wgctl set wg0 private-key "$(key red)" listen-port 51801
address r.gone wg0 10.9.0.1/24
ip -n r.gone link set wg0 up
ip -n b.gone link add wg0 type wireguard
at b.gone wgctl set wg0 private-key "$(key blue)" listen-port 51802
address b.gone wg0 10.9.0.2/24
ip -n b.gone link set wg0 up
peer r.gone wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
peer b.gone wg0 red endpoint 10.0.0.1:51801 allowed-ips 10.9.0.1/32
says 'the in-tree module has the device' r.gone in-tree
judge
end_world
rmmod wireguard
finish
