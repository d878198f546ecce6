#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What takes minutes, side by side, so that the waits overlap: sessions are
# renewed after 120 s by who initiated them, between our own devices and
# against the kernel's module and wireguard-go, in both roles, and no packet is
# lost; a peer that never answers is given up after 90 s, and the sender told.
#
# limit: 1200
#
# Tunnel N has 10.9.N.1 in red, who initiates, and 10.9.N.2 in blue.
. "$(dirname "$0")/lib.sh"

load_module
modprobe wireguard
modprobe tun
red_blue
(umask 077 && wg genpsk > "$T/psk")
declare -A title device_of tool_of shaken

# end NAMESPACE N IMPLEMENTATION: one end of a tunnel; ours, kernel or go
end() {
	local port=$((52000 + $2)) address=10.9.$2.1/24
	[ "$1" = red ] || address=10.9.$2.2/24
	device_of[$1$2]=t$2 tool_of[$1$2]=wg
	case $3 in
	ours)
		tool_of[$1$2]=$TOOL
		device "$1" "t$2" "$1" $port "$address"
		;;
	kernel) KIND=wireguard TOOL=wg device "$1" "t$2" "$1" $port "$address" ;;
	go)
		device_of[$1$2]=go$2$1
		go_device "$1" "go$2$1" "$1" $port "$address"
		;;
	esac
}

# tunnel N RED BLUE: implementations
tunnel() {
	end red "$1" "$2"
	end blue "$1" "$3"
	TOOL=${tool_of[red$1]} peer red "${device_of[red$1]}" blue \
		preshared-key "$T/psk" allowed-ips "10.9.$1.2/32" \
		endpoint "10.0.0.2:$((52000 + $1))"
	TOOL=${tool_of[blue$1]} peer blue "${device_of[blue$1]}" red \
		preshared-key "$T/psk" allowed-ips "10.9.$1.1/32"
	title[$1]="$2 to $3"
}

# shakes NAMESPACE N: when the last handshake of that end was
shakes() {
	local other=blue
	[ "$1" = red ] || other=red
	TOOL=${tool_of[$1$2]} shake_time "$1" "${device_of[$1$2]}" $other
}

tunnel 1 ours ours
tunnel 2 ours kernel
tunnel 3 kernel ours
tunnel 4 ours go
tunnel 5 go ours
tunnel 6 ours ours

sniff red vr handshakes.pcap "($is_initiation) or ($is_response)"
for n in 1 2 3 4 5 6; do
	check "${title[$n]}: tunnel $n works" eventually_reaches red 10.9.$n.2
done
for n in 1 2 3 4 5 6; do
	shaken[red$n]=$(shakes red $n)
	shaken[blue$n]=$(shakes blue $n)
done

# Tunnel 7 leads to a peer that never answers; somebody sends to it and wants
# to know. It is given up after 90 s.
ask_in_vain
asked=$started answer=$output

# Traffic that no session outlives: four packets a second in both directions on
# tunnels 1 to 5; on tunnel 6 only from the responder to the initiator. It ends some
# packets after all have new sessions.
declare -A pings reports
red nft -f - <<- END
	table ip silence {
		chain in {
			type filter hook input priority 0;
			iifname t6 drop
		}
	}
END
for n in 1 2 3 4 5; do
	start red ping -q -n -i 0.25 10.9.$n.2
	pings[$n]=$started reports[$n]=$output
done
start blue ping -q -n -i 0.5 10.9.6.1
pings[6]=$started reports[6]=$output

have_renewed() {
	local n side
	for n in 1 2 3 4 5 6; do
		for side in red blue; do
			[ "$(shakes $side $n)" -gt "${shaken[$side$n]}" ] || return
		done
	done
}
check 'all have new sessions' wait_for 30 have_renewed
sleep 5
for n in 1 2 3 4 5 6; do
	kill -INT "${pings[$n]}"
	wait "${pings[$n]}" || true
done

# lost N: how many packets; the last may be on its way
lost() { awk '/transmitted/ { print $1 - $4 }' "${reports[$1]}"; }
for n in 1 2 3 4 5; do
	between "${title[$n]}: no packet is lost across the rekey" 0 "$(lost "$n")" 1
	# a session that was not renewed would be dead after 180 s
	for side in red blue; do
		between "${title[$n]}: $side has a new session after 120 s" 109 \
			$(($(shakes $side $n) - shaken[$side$n])) 179
	done
	# the first handshake and the second, both from red
	between "${title[$n]}: red initiated both times" 2 \
		"$(seen handshakes.pcap "$is_initiation and src host 10.0.0.1 and
			dst port $((52000 + n))")" 9
	same "${title[$n]}: blue initiated nothing" \
		"$(seen handshakes.pcap "$is_initiation and src host 10.0.0.2 and
			src port $((52000 + n))")" 0
done

between 'who only listens rekeys too, as the initiator' 109 \
	$(($(shakes red 6) - shaken[red6])) 179
sent=$(awk '/transmitted/ { print $1 }' "${reports[6]}")
between 'what was sent to it has arrived' $((sent - 1)) \
	"$(ip -n red -s -j link show t6 | jq '.[0].stats64.rx.packets')" $((sent + 10))

wait "$asked" || true
unsniff handshakes.pcap
read -r error seconds < "$answer"
# one every 5 to 5.333 s; nothing more in the half minute after giving up
between 'the handshake was tried again and again, and then given up' 9 \
	"$(seen handshakes.pcap "$is_initiation and dst port 9999")" 20
if counts_drops; then # the kernel's own module tells nobody
	same 'the sender to a silent peer is told EHOSTUNREACH' "$error" 113
	check 'not before 90 seconds' test "$seconds" -ge 89
	between 'what waited is counted as staged-stale' 1 \
		"$(drops red t7 staged-stale)" 9
fi
finish
