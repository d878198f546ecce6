#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One request is one transaction: whatever is wrong with it, and wherever,
# nothing of it is applied, and the refusal says what it was.
#
# on uml: nothing here depends on how the kernel was built
. "$(dirname "$0")/lib.sh"

[ "$KIND" = wg ] || { note 'the kernel module applies as it parses'; finished=1; exit; }
load_module
# shellcheck disable=SC2119
pair
check 'the tunnel works' reaches red 10.9.0.2
generation() { red "$TOOL" show --json wg0 | jq '[.. | .generation? // empty][0]'; }
state() { red "$TOOL" showconf wg0; }
state > "$T/before"

# request JSON: send it to red's device; prints ok or the error
request() { red /usr/bin/python3 -I -S "$here/genl.py" set wg0 <<< "$1" || true; }

# refused CLAIM ERROR JSON: refused with that error, and nothing has changed
refused() {
	local answer
	answer=$(request "$3")
	same "$1 is refused" "$answer" "$2"
	state > "$T/after"
	check "$1 changes nothing" diff "$T/before" "$T/after"
}

# Attributes, by number: of a device 3 key, 5 flags, 6 port, 7 mark; of a peer
# 1 key, 3 flags, 4 endpoint, 9 allowed IPs, 10 version, 64 name; of an allowed
# IP 1 family, 2 address, 3 prefix length, 4 flags.
ip='[[0, "nest", [[1, "u16", 2], [2, "address", "%d"], [3, "u8", 32]]]]'
some_peer='[0, "nest", [[1, "key", "%d"], [9, "nest", '$ip']]]'

# among PEER: a new port, a mark, 700 good peers, this one, 700 more
among() {
	echo '[[6, "u16", 999], [7, "u32", 9], ["peers",
		[["repeat", [0, 700], '"$some_peer"'], '"$1"',
		 ["repeat", [700, 1400], '"$some_peer"']]]]'
}
bad_ip() { # bad_ip ATTRIBUTES
	among '[0, "nest", [[1, "key", 9999], [9, "nest", [[0, "nest", ['"$1"']]]]]]'
}

refused 'a prefix length of 33 in the middle' 'EINVAL: prefix length exceeds 32' \
	"$(bad_ip '[1, "u16", 2], [2, "hex", "0a000001"], [3, "u8", 33]')"
refused 'a prefix length of 129' 'EINVAL: prefix length exceeds 128' \
	"$(bad_ip '[1, "u16", 10], [2, "hex", "fd000000000000000000000000000001"], [3, "u8", 129]')"
refused 'an IPv4 address of 16 bytes' 'EINVAL: IPv4 address is not of 4 bytes' \
	"$(bad_ip '[1, "u16", 2], [2, "hex", "fd000000000000000000000000000001"], [3, "u8", 32]')"
refused 'a family that is none' 'EINVAL: family is neither IPv4 nor IPv6' \
	"$(bad_ip '[1, "u16", 7], [2, "hex", "0a000001"], [3, "u8", 32]')"
refused 'an allowed IP without an address' \
	'EINVAL: allowed IP lacks family, address or prefix length' \
	"$(bad_ip '[1, "u16", 2], [3, "u8", 32]')"
refused 'a peer without a key' 'EINVAL: peer lacks a public key' \
	"$(among '[0, "nest", [[10, "u32", 1]]]')"
refused 'another version of the protocol' 'EPFNOSUPPORT: protocol version is not 1' \
	"$(among '[0, "nest", [[1, "key", 9999], [10, "u32", 2]]]')"
refused 'an endpoint of no family' \
	'EINVAL: endpoint is neither sockaddr_in nor sockaddr_in6' \
	"$(among '[0, "nest", [[1, "key", 9999], [4, "hex", "00000000000000000000000000000000"]]]')"
refused 'a name with a line end in it' \
	'EINVAL: name is not UTF-8 without control characters' \
	"$(among '[0, "nest", [[1, "key", 9999], [64, "str", "a\nb"]]]')"
same 'a key of 31 bytes is refused' \
	"$(request "$(among '[0, "nest", [[1, "hex", "'"$(printf '01%.0s' {1..31})"'"]]]')" |
		cut -d: -f1)" ERANGE
same 'an unknown flag of the device is refused' \
	"$(request '[[5, "u32", 2], [7, "u32", 9]]' | cut -d: -f1)" EINVAL
same 'an unknown flag of a peer is refused' \
	"$(request "$(among '[0, "nest", [[1, "key", 9999], [3, "u32", 64]]]')" |
		cut -d: -f1)" EINVAL
state > "$T/after"
check 'none of it changed anything' diff "$T/before" "$T/after"

# Everything is right but the port, which somebody else has.
start red nc -u -l 10.0.0.1 7777
wait_for 10 listens red 7777
same 'a port that is taken is refused' \
	"$(request '[[7, "u32", 9], [6, "u16", 7777], ["peers", ['"$some_peer"']], [5, "u32", 1]]' |
		cut -d: -f1)" EADDRINUSE
state > "$T/after"
check 'and the peers that came with it too' diff "$T/before" "$T/after"

# Exclusive: red's 10.9.0.2 belongs to blue.
taking='[0, "nest", [[1, "key", 9999], [9, "nest", [[0, "nest",
	[[1, "u16", 2], [2, "hex", "0a090002"], [3, "u8", 32]]]]]]]'
answer=$(request '[[5, "u32", 65536], ["peers", ['"$some_peer"', '"$taking"']]]')
same 'taking an allowed IP is refused where exclusivity was asked for' \
	"${answer%%:*}" EEXIST
check 'and the reason given' test -n "${answer#*: }"
state > "$T/after"
check 'and nothing has changed' diff "$T/before" "$T/after"
check 'the tunnel has not noticed' reaches red 10.9.0.2 -c 3 -i 0.2

# The same as a setting of the device, which another tool need not know of.
same 'exclusivity is a setting as well' "$(request '[[71, "u8", 1]]')" ok
state > "$T/before"
answer=$(request '[["peers", ['"$some_peer"', '"$taking"']]]')
same 'then taking is refused to all' "${answer%%:*}" EEXIST
refuse 'to stock words too' red "$TOOL" set wg0 peer "$(pub carl)" allowed-ips 10.9.0.2/32
state > "$T/after"
check 'and nothing has changed' diff "$T/before" "$T/after"
said=$(red "$TOOL" set wg0 peer "$(pub carl)" allowed-ips 10.9.0.2/32 2>&1 || true)
check 'both peers are named' test "${said#*"$(pub carl)"*"$(pub blue)"}" != "$said"
same 'it ends' "$(request '[[71, "u8", 0]]')" ok
same 'another value is refused' "$(request '[[71, "u8", 2]]' | cut -d: -f1)" ERANGE

# A peer that is off: silent, and deaf.
red "$TOOL" set wg0 peer "$(pub blue)" disable
refuse 'a peer that is disabled is not reached' reaches red 10.9.0.2 -W 3
refuse 'and reaches nobody' reaches blue 10.9.0.1 -W 3
remember red wg0 peer-off
blue "$TOOL" set wg0 private-key "$(key blue)" peer "$(pub red)" remove
peer blue wg0 red endpoint 10.0.0.1:51801 allowed-ips 10.9.0.1/32,fd09::1/128 \
	persistent-keepalive 5
dropped 'it gets no answer to a handshake' red wg0 peer-off
red "$TOOL" set wg0 peer "$(pub blue)" enable
check 'enabled it is reached again' eventually_reaches red 10.9.0.2
ends_in() { red "$TOOL" set wg0 peer "$(pub blue)" until "@$(($(date +%s) + $1))"; }
start red /usr/bin/python3 -I -S "$here/genl.py" listen peers
heard=$output
wait_for 10 grep -q joined "$heard"
# tells LAST: ends (71) and renewals (72) were told so far, this one last
tells() { [ "$(grep -x '7[12]' "$heard" | tail -n 1)" = "$1" ]; }
ends_in 3600
check 'a peer with an end is reached' reaches red 10.9.0.2
ends_in 3
ended() { grep -q 'No route to host\|Unreachable' <<< "$(red ping -n -c 1 -W 1 10.9.0.2 2>&1)"; }
check 'until then, which is told' wait_for 10 tells 71
check 'and its senders are told so' wait_for 10 ended
# The guest's own clock. A request that names the peer looks at it at once.
set_clock() {
	date -s "@$(($(date +%s) + $1))" > /dev/null
	red "$TOOL" set wg0 peer "$(pub blue)" persistent-keepalive 0
}
set_clock -3600
check 'set back, the clock lets it go on' wait_for 10 tells 72
refuse 'at once' ended
set_clock 3600
check 'and set forwards, ends it' wait_for 10 tells 71
check 'again' ended
red "$TOOL" set wg0 peer "$(pub blue)" until never
check 'without an end it goes on' eventually_reaches red 10.9.0.2

# The good ones.
count_peers() { red "$TOOL" show wg0 peers | wc -l; }
before=$(generation)
same 'a request of 3,000 peers is taken' \
	"$(request '[["peers", [["repeat", [0, 3000], '"$some_peer"']]]]')" ok
same 'whole' "$(count_peers)" 3001
same 'as one generation' "$(generation)" $((before + 1))
check 'the tunnel works beside them' reaches red 10.9.0.2
same 'without the flag an allowed IP moves' \
	"$(request '[["peers", ['"$taking"']]]')" ok
same 'to its new owner' "$(field red wg0 allowed-ips blue)" fd09::2/128
same 'a request that removes and adds a peer is taken in order' \
	"$(request '[["peers", [[0, "nest", [[1, "key", 5], [3, "u32", 1]]],
		[0, "nest", [[1, "key", 5], [9, "nest", [[0, "nest",
			[[1, "u16", 2], [2, "hex", "0a090002"], [3, "u8", 24]]]]]]]]]]')" ok
same 'so the peer has only what came last' \
	"$(red "$TOOL" show wg0 allowed-ips | grep -c '	10.9.0.0/24$')" 1
same 'removing a peer that is not there is no error' \
	"$(request '[["peers", [[0, "nest", [[1, "key", 77777], [3, "u32", 1]]]]]]')" ok
same 'nor is updating one' \
	"$(request '[["peers", [[0, "nest", [[1, "key", 77777], [3, "u32", 4]]]]]]')" ok
same 'and neither made it' "$(count_peers)" 3002
same 'replacing all peers by none' "$(request '[[5, "u32", 1]]')" ok
same 'leaves none' "$(count_peers)" 0
finish
