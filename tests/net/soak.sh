#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 600
# not-on 6.1: random; the end of make check-debug runs it for ten minutes
# not-on 6.12: random; the end of make check-debug runs it for ten minutes
#
# Everything at once, at random: three namespaces with a tunnel between each
# two, traffic all the time, and meanwhile peers, keys, endpoints, ports, marks,
# MTUs, offloads, addresses, cables, devices, namespaces and the module itself
# are added, changed and taken away, by two that do not know of each other. Now
# and then all is put in order, and then every tunnel must work.
#
#	SEED=n            as printed by the run to be repeated
#	TEST_SECONDS=60   how long (or the first argument)
. "$(dirname "$0")/lib.sh"

: "${SEED:=$((RANDOM * 32768 + RANDOM))}"
lasting=${1:-${TEST_SECONDS:-60}}
note "SEED=$SEED TEST_SECONDS=$lasting"

names=(red blue green)
declare -A number=([red]=1 [blue]=2 [green]=3)
strangers=12 identities=2

# Choices must not be made in a subshell: the generator's state would be lost.
pick() { picked=${*:RANDOM % $# + 1:1}; }
chance() { ((RANDOM % $1 == 0)); } # one in so many

# A public key of one of those who are nobody's namespace.
pick_stranger() { picked=${publics[$((RANDOM % strangers))]}; }

pick_two() {
	local n=$((RANDOM % 3))
	me=${names[n]}
	you=${names[(n + 1 + RANDOM % 2) % 3]}
}

quietly() { "$@" > /dev/null 2>&1; }

# --- the world, each part of which may be missing ----------------------------

# Addresses, ports and names, worked out once: in an emulated machine every
# process counts.
declare -A others outer4 outer6 subnet inner4 inner6 port publics
lay_out() {
	local a b cable
	for a in "${names[@]}"; do
		inner4[$a]=10.9.0.${number[$a]} inner6[$a]=fd09::${number[$a]}
		port[$a]=5180${number[$a]}
		for b in "${names[@]}"; do
			[ "$a" != "$b" ] || continue
			cable=$((number[$a] + number[$b]))
			others[$a]+="$b "
			subnet[$a,$b]=$cable
			outer4[$a,$b]=10.0.$cable.${number[$a]} # of a, towards b
			outer6[$a,$b]=fd00:$cable::${number[$a]}
		done
	done
}

make_keys() {
	local name n
	for name in psk stray; do key "$name"; done
	for ((n = 0; n < strangers; n++)); do publics[$n]=${crowd[n]}; done
	for name in "${names[@]}"; do
		for ((n = 0; n < identities; n++)); do publics[$name.$n]=$(pub "$name.$n"); done
	done
}

# who NAMESPACE: which of its identities it uses, $identity, and its public key,
# $public; known to both who meddle by a file
who() {
	local n=0
	read -r n 2> /dev/null < "$T/now.$1" || n=0
	identity=$1.$n public=${publics[$1.$n]}
}

make_addresses() { # A B: of A's end of the cable
	ip -n "$1" addr flush dev "to-$2"
	ip -n "$1" link set "to-$2" mtu 1500 up
	address "$1" "to-$2" "${outer4[$1,$2]}/24" "${outer6[$1,$2]}/64"
}

make_cable() {
	ip -n "$1" link del "to-$2"
	ip -n "$2" link del "to-$1"
	cable "$1" "to-$2" "$2" "to-$1"
	make_addresses "$1" "$2"
	make_addresses "$2" "$1"
}

make_space() {
	local other
	world "$1"
	for other in ${others[$1]}; do
		[ ! -e "/run/netns/$other" ] || make_cable "$1" "$other"
	done
}

# settle NAMESPACE [VERB]: set its device as it should be
settle() {
	local other secret file=$T/settings.$BASHPID
	who "$1"
	read -r secret < "$T/$identity.key"
	{
		printf '[Interface]\nPrivateKey = %s\nListenPort = %s\nFwMark = 0\n' \
			"$secret" "${port[$1]}"
		for other in ${others[$1]}; do
			who "$other"
			printf '[Peer]\nPublicKey = %s\nAllowedIPs = %s/32, %s/128\nEndpoint = %s:%s\n' \
				"$public" "${inner4[$other]}" "${inner6[$other]}" \
				"${outer4[$other,$1]}" "${port[$other]}"
		done
	} > "$file"
	at "$1" "$TOOL" "${2:-setconf}" wg0 "$file"
}

make_tunnel() {
	ip -n "$1" link add wg0 type "$KIND"
	settle "$1"
	make_inner "$1"
}

make_inner() {
	ip -n "$1" link set wg0 mtu 1420 up
	ip -n "$1" addr replace "${inner4[$1]}/24" dev wg0
	ip -n "$1" addr replace "${inner6[$1]}/64" dev wg0 nodad
}

# --- what may happen, to $me, perhaps together with $you ---------------------

act_down_up() {
	ip -n "$me" link set wg0 down
	chance 2 || sleep 0.2
	ip -n "$me" link set wg0 up
	ip -n "$me" addr replace "${inner6[$me]}/64" dev wg0 nodad
}

act_remake_tunnel() {
	ip -n "$me" link del wg0
	make_tunnel "$me"
}

act_remake_space() {
	ip netns del "$me"
	make_space "$me"
	make_tunnel "$me"
}

act_remake_cable() { make_cable "$me" "$you"; }

act_cable_down_up() {
	ip -n "$me" link set "to-$you" down
	chance 2 || sleep 0.3
	make_addresses "$me" "$you"
}

act_cable_mtu() {
	pick 1280 1400 1492 1500 4000 9000
	ip -n "$me" link set "to-$you" mtu "$picked"
	chance 3 || ip -n "$you" link set "to-$me" mtu "$picked"
}

act_tunnel_mtu() {
	pick 600 1280 1384 1420 1421 1500 4000 9000 65535
	ip -n "$me" link set wg0 mtu "$picked"
	[ "$picked" = 600 ] || make_addresses "$me" "$you"
}

act_offload() {
	local feature
	pick tx-checksumming sg tso gso gro tx-udp-segmentation rx-udp-gro-forwarding \
		rx-gro-list tx-gso-list
	feature=$picked
	pick "to-$you" "to-$you" wg0
	if chance 2; then set -- on; else set -- off; fi
	at "$me" ethtool -K "$picked" "$feature" "$1"
}

# Somewhere else, for the other side to follow.
act_roam() {
	ip -n "$me" addr flush dev "to-$you"
	address "$me" "to-$you" "10.0.${subnet[$me,$you]}.$((RANDOM % 100 + 100))/24" \
		"fd00:${subnet[$me,$you]}::$((RANDOM % 100 + 100))/64"
}

act_home() { make_addresses "$me" "$you"; }

act_loss() {
	pick 'loss 10%' 'duplicate 20%' 'delay 3ms reorder 30%' 'corrupt 5%'
	# shellcheck disable=SC2086
	at "$me" tc qdisc replace dev "to-$you" root netem $picked
}

act_no_loss() { at "$me" tc qdisc del dev "to-$you" root; }

# A second device that moves away from its socket.
act_stray() {
	if ip -n "$you" link show wg1; then
		ip -n "$you" link del wg1
		return
	fi
	ip -n "$me" link add wg1 type "$KIND"
	who "$you"
	at "$me" "$TOOL" set wg1 private-key "$T/stray.key" peer "$public" \
		endpoint "${outer4[$you,$me]}:${port[$you]}" \
		allowed-ips 10.8.0.0/16 persistent-keepalive 1
	ip -n "$me" link set wg1 netns "$you"
	ip -n "$you" addr add 10.8.0.1/16 dev wg1
	ip -n "$you" link set wg1 up
	quietly at "$you" ping -c 3 -i 0.01 -W 0.1 10.8.0.2
	return 0
}

# All that there is goes with the module.
act_reload() {
	rmmod "$KIND"
	load_module
	for me in "${names[@]}"; do make_tunnel "$me"; done
}

act_stranger() {
	local words=() ips
	ips="10.9.$((RANDOM % 4)).$((RANDOM % 256))/$((RANDOM % 8 + 25))"
	ips+=",fd09::$((RANDOM % 10000))/$((RANDOM % 64 + 65))"
	chance 2 || words+=(endpoint "${outer4[$you,$me]}:$((RANDOM % 60000 + 1024))")
	chance 2 || words+=(persistent-keepalive $((RANDOM % 3)))
	chance 2 || words+=(preshared-key "$T/psk.key")
	pick_stranger
	at "$me" "$TOOL" set wg0 peer "$picked" "${words[@]}" allowed-ips "$ips"
}

act_no_stranger() {
	pick_stranger
	at "$me" "$TOOL" set wg0 peer "$picked" remove
}

act_no_peer() {
	who "$you"
	at "$me" "$TOOL" set wg0 peer "$public" remove
}

# An allowed IP that is somebody's.
act_steal() {
	pick_stranger
	at "$me" "$TOOL" set wg0 peer "$picked" allowed-ips "${inner4[$you]}/32"
}

act_psk() {
	pick "$T/psk.key" /dev/null
	who "$you"
	at "$me" "$TOOL" set wg0 peer "$public" preshared-key "$picked"
	who "$me"
	at "$you" "$TOOL" set wg0 peer "$public" preshared-key "$picked"
}

act_endpoint() {
	local third
	third=${others[$me]/$you }
	third=${third// }
	pick "${outer4[$you,$me]}:${port[$you]}" "[${outer6[$you,$me]}]:${port[$you]}" \
		"[${outer6[$you,$me]}]:${port[$you]}" "${outer4[$you,$third]}:${port[$you]}" \
		"${inner4[$you]}:${port[$you]}" "${inner4[$third]}:${port[$you]}" 127.0.0.1:9
	who "$you"
	at "$me" "$TOOL" set wg0 peer "$public" endpoint "$picked"
}

act_port() { at "$me" "$TOOL" set wg0 listen-port $((51800 + RANDOM % 20)); }
act_mark() { at "$me" "$TOOL" set wg0 fwmark $((RANDOM % 3)); }

act_keepalive() {
	who "$you"
	at "$me" "$TOOL" set wg0 peer "$public" persistent-keepalive $((RANDOM % 3))
}

# A new identity, of which the others hear a little later.
act_identity() {
	echo $((RANDOM % identities)) > "$T/now.$me"
	who "$me"
	at "$me" "$TOOL" set wg0 private-key "$T/$identity.key"
	for you in ${others[$me]}; do settle "$you" syncconf; done
}

act_no_key() { at "$me" "$TOOL" set wg0 private-key /dev/null; }

act_crowd() { at "$me" "$TOOL" addconf wg0 "$T/crowd.conf"; }
act_settle() { settle "$me" syncconf; }
act_settle_all() { for me in "${names[@]}"; do settle "$me"; done; }
act_show() { at "$me" "$TOOL" show all dump; }
act_link_show() { ip -n "$me" -s -d link show wg0; }

# Weights are how often a word stands there.
structure=(down_up down_up remake_tunnel remake_tunnel remake_space remake_cable
	cable_down_up cable_mtu cable_mtu tunnel_mtu tunnel_mtu offload offload offload
	roam roam home loss no_loss no_loss stray stray)
configuration=(stranger stranger no_stranger no_peer steal psk psk endpoint endpoint endpoint
	port mark keepalive keepalive identity identity no_key crowd settle settle settle
	settle_all settle_all show show show link_show)

# draw: one of the structural changes; all have their turn before one comes again
deck=()
draw() {
	local i
	[ ${#deck[@]} -gt 0 ] || deck=("${structure[@]}")
	i=$((RANDOM % ${#deck[@]}))
	picked=${deck[i]}
	deck=("${deck[@]:0:i}" "${deck[@]:i + 1}")
}

# happen ACT: say so, here and in the kernel's log; count how it went
happen() {
	local line="$1 $me $you"
	echo "<6>soak: $line" > /dev/kmsg
	note "$line"
	if "act_$1" > /dev/null 2>> "$T/errors"; then
		echo "$1" >> "$T/went"
	else
		echo "$1" >> "$T/failed"
	fi
}

# --- traffic -----------------------------------------------------------------

# stream KIND SECONDS NUMBER: traffic from $me to $you; in a subshell, ended by
# itself or by a signal
stream() {
	local seconds=$2 odd=$3 to service=$(($3 % 1000 + 5300)) more=()
	trap 'end_stream; exit 0' TERM
	to=${inner4[$you]}
	((odd % 3)) || to=${inner6[$you]}
	case $1 in
	flood) more=(ping -q -n -f -W 1 -s $((odd % 3000)) "$to") ;;
	burst) more=(ping -q -n -c 100 -i 0.002 -W 1 -s $((odd % 1400)) "$to") ;;
	nowhere) more=(ping -q -n -c 50 -i 0.002 -W 1 10.9.0.$((odd % 250 + 4))) ;;
	*)
		nice timeout $((seconds + 4)) ip netns exec "$you" iperf3 -s -1 -p "$service" &
		sleep 0.3
		more=(iperf3 -c "$to" -p "$service" -t "$seconds" --connect-timeout 2000)
		;;
	esac
	case $1 in
	tcp) ((odd % 2)) || more+=(-R) ;;
	streams) more+=(-P 3 --bidir) ;;
	udp) more+=(-u -b 40M) ;;
	small) more+=(-u -b 4M -l 64) ;;
	esac
	nice timeout $((seconds + 2)) ip netns exec "$me" "${more[@]}" &
	wait $! || true
	end_stream
}

end_stream() {
	local pid
	for pid in $(jobs -p); do kill "$pid" 2> /dev/null || true; done
}

streams=()
more_traffic() {
	local pid seconds odd alive=()
	for pid in "${streams[@]}"; do
		! kill -0 "$pid" 2> /dev/null || alive+=("$pid")
	done
	streams=("${alive[@]}")
	[ ${#streams[@]} -lt 4 ] || return 0
	pick_two
	pick flood flood burst nowhere tcp tcp streams udp small
	seconds=$((RANDOM % 6 + 1)) odd=$RANDOM
	(trap - EXIT && stream "$picked" "$seconds" "$odd") > /dev/null 2>&1 &
	streams+=($!)
	echo "$picked" >> "$T/streams"
}

# --- the two who meddle ------------------------------------------------------

# The second one, which only configures; a process of its own.
meddle() { # SEED
	RANDOM=$1
	trap - EXIT
	trap 'exit 0' TERM
	set +e
	while :; do
		pick_two
		pick "${configuration[@]}"
		happen "$picked"
		pick 0 0.03 0.06 0.1
		sleep "$picked"
	done
}

# storm SECONDS NUMBER
storm() {
	local end=$((SECONDS + $1)) meddler must_reload=$(($2 % 5 == 0))
	meddle $((SEED + $2)) &
	meddler=$!
	while [ $SECONDS -lt $end ]; do
		more_traffic
		pick_two
		if ((must_reload)) || chance 60; then
			must_reload=0
			happen reload
		else
			draw
			happen "$picked"
		fi
		pick 0 0.1 0.2 0.3
		sleep "$picked"
	done
	stop "$meddler"
	for meddler in "${streams[@]}"; do stop "$meddler"; done
	streams=()
}

# --- order -------------------------------------------------------------------

order() {
	local name other
	rm -f "$T"/now.*
	is_loaded "$KIND" || load_module
	for name in "${names[@]}"; do
		[ -e "/run/netns/$name" ] || make_space "$name"
	done
	for name in "${names[@]}"; do
		quietly ip -n "$name" link del wg1
		for other in ${others[$name]}; do
			quietly ip -n "$name" link show "to-$other" || make_cable "$name" "$other"
			quietly at "$name" tc qdisc del dev "to-$other" root
			make_addresses "$name" "$other"
		done
	done
	for name in "${names[@]}"; do
		ip -n "$name" link show wg0 || make_tunnel "$name"
		quietly at "$name" "$TOOL" set wg0 listen-port "${port[$name]}"
	done
	# Nobody is where he roamed to any more, at another address or port: what comes now
	# moves no endpoint there.
	for name in "${names[@]}"; do
		make_inner "$name"
		settle "$name"
	done
}

# all_reach: every tunnel works, both ways, with either kind of packet inside
all_reach() {
	local a b
	for a in "${names[@]}"; do
		for b in ${others[$a]}; do
			eventually_reaches "$a" "${inner4[$b]}" || { echo "$a $b"; return 1; }
			eventually_reaches "$a" "${inner6[$b]}" -s 1300 || { echo "$a $b IPv6"; return 1; }
		done
	done
}

put_in_order() {
	quietly order || true
	check "every tunnel works after $1" all_reach
	if [ $failures -gt 0 ]; then
		for me in "${names[@]}"; do
			note "$me"
			{ at "$me" "$TOOL" show wg0; at "$me" "$TOOL" show wg0 drops; ip -n "$me" addr; } \
				2>&1 | sed 's/^/#   /'
		done
	fi
}

happened() { cat "$T/went" "$T/failed" 2> /dev/null | wc -l; }

modprobe -q sch_netem || true
load_module
# Any 32 bytes are a public key.
/usr/bin/python3 -I -S - "$SEED" > "$T/crowd" <<- 'END'
	import base64, random, sys
	chance = random.Random(int(sys.argv[1]))
	for n in range(200):
	    print(base64.b64encode(chance.randbytes(32)).decode())
END
mapfile -t crowd < "$T/crowd"
for n in {0..199}; do
	printf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.9.1.%d/32\n' "${crowd[n]}" "$n"
done > "$T/crowd.conf"
lay_out
make_keys > /dev/null

RANDOM=$SEED
put_in_order 'the beginning'
end=$((SECONDS + lasting)) rounds=0
while [ $SECONDS -lt $end ]; do
	remaining=$((end - SECONDS)) rounds=$((rounds + 1))
	storm $((remaining < 15 ? remaining : 15)) $rounds
	put_in_order "$(happened) changes"
	[ $failures = 0 ] || break
done

serve green
check 'TCP from red' bulk red "${inner4[green]}" 2M
check 'TCP to blue' bulk blue "${inner6[green]}" 2M -R
touch "$T/failed"
failed=$(wc -l < "$T/failed")
note "$(happened) changes, $failed refused; $(sort "$T/streams" | uniq -c | tr -s '\n ' ' ')"
note "refused: $(sort "$T/failed" | uniq -c | sort -rn | tr -s '\n ' ' ')"
between 'there were changes' 1 "$(happened)" 1000000
# missing FILE WORD...: which of the words are not in it
missing() {
	local file=$1
	shift
	printf '%s\n' "$@" | sort -u | { grep -vxFf "$file" || true; } | tr '\n' ' '
}
# no_loss is possible only where there is some.
if [ "$lasting" -ge 300 ]; then
	same 'each kind of change was possible at least once' \
		"$(missing "$T/went" reload "${structure[@]/no_loss/loss}" "${configuration[@]}")" ''
	same 'each kind of traffic was there' \
		"$(missing "$T/streams" flood burst nowhere tcp streams udp small)" ''
fi
between 'most of them were possible, of a hundred' 60 $(((($(happened)) - failed) * 100 / $(happened))) 100
for name in "${names[@]}"; do
	check "$name: the device goes" ip -n "$name" link del wg0
done
finish
