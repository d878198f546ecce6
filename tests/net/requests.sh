#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 300
# on uml: one processor is enough; the debug kernels have two
# not-on 6.1: the same requests
#
# Requests of all kinds at one time, made from the netlink specification: valid,
# nearly so and broken; dumps that pause, groups, links that come, move and go. By
# root beside a tunnel with traffic, by a user in namespaces of their own, and by
# nobody. What is accepted and refused is counted, since who is refused everything
# has tried nothing.
#
#	TEST_SECONDS=15	how long	SEED=...
. "$(dirname "$0")/lib.sh"

: "${TEST_SECONDS:=15}" "${SEED:=$RANDOM}"
note "SEED=$SEED TEST_SECONDS=$TEST_SECONDS"

# space_number: of a namespace that is made now. The lowest that is free is taken, for
# what a namespace shows in /proc too, so that one that never goes moves it by many.
space_number() { unshare -n stat -L -c %i /proc/self/ns/net; }
is_free() { [ "$(space_number)" -lt $(($1 + 20)) ]; }

load_module
free=$(space_number)
pair
check 'the tunnel works' eventually_reaches red 10.9.0.2

chmod 711 "$T"
mkdir -m 755 "$T/fuzz"
install -m 644 "$here"/{requests,genl}.py \
	"$here/../../Documentation/netlink/specs/wg.yaml" "$T/fuzz"
requests=(/usr/bin/python3 -B "$T/fuzz/requests.py" "$T/fuzz/wg.yaml")
as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)

start red ping -q -n -i 0.02 10.9.0.2
start blue ping -q -n -i 0.02 10.9.0.1
start red "${requests[@]}" admin "$SEED" "$TEST_SECONDS" wg0
admin=$started admin_said=$output
start red "${as_user[@]}" "${requests[@]}" nobody "$SEED" "$TEST_SECONDS" wg0
nobody=$started nobody_said=$output
start red "${as_user[@]}" "${requests[@]}" owner "$SEED" "$TEST_SECONDS" wg0
owner=$started owner_said=$output

# claim WHO PROCESS OUTPUT: its end, and what it found
claim() {
	if wait "$2"; then
		ok "$1: answers are as specified"
	else
		not_ok "$1: answers are as specified" "$(jq -c .faults "$3" 2>&1 || tail -n 5 "$3")"
	fi
	note "$1: $(jq -c '.operations' "$3" 2>&1)"
}
claim admin "$admin" "$admin_said"
claim nobody "$nobody" "$nobody_said"
claim owner "$owner" "$owner_said"

of() { jq -r "$2 // 0" "$1"; }
between 'changes were accepted' 20 "$(of "$admin_said" '.operations["set-device"].ok')" 1000000
between 'and refused' 20 \
	"$(of "$admin_said" '.operations["set-device"] | [del(.ok)[]] | add')" 1000000
between 'dumps were read to their end' 5 "$(of "$admin_said" '.operations["get-device"].ok')" 1000000
between 'groups were joined' 5 "$(of "$admin_said" '.operations.join.ok')" 1000000
between 'links were made' 3 "$(of "$admin_said" '.operations.make.ok')" 1000000
between 'refusals were given their reasons' 6 "$(of "$admin_said" '.said | length')" 1000
settings='["private-key", "flags", "listen-port", "fwmark", "peers", "public-key",
	"preshared-key", "endpoint", "persistent-keepalive", "allowedips", "name", "family",
	"ipaddr", "cidr-mask", "exclusive", "bind-device", "bind-address", "disabled",
	"until"]'
same 'each setting was in a request that was accepted' \
	"$(jq -r "$settings - (.attributes | keys) | join(\" \")" "$admin_said")" ''
between 'a user has changed devices of their own' 5 \
	"$(of "$owner_said" '.operations["set-device"].ok')" 1000000
between 'nobody has tried as much' 20 \
	"$(of "$nobody_said" '.operations["set-device"].EPERM')" 1000000

# Put in order, all is as before.
ip -n red link del wg0
device red wg0 red 51801 10.9.0.1/24 fd09::1/64
peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32,fd09::2/128
check 'the tunnel works' eventually_reaches red 10.9.0.2

end_jobs
end_world
check 'no namespace stays' wait_for 30 is_free "$free"
finish
