# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# lib.sh, sourced by every scenario: modules, namespaces, devices, traffic,
# captures and assertions. Scenarios run as root in a virtual machine.
#
# A scenario prints one "ok N - claim" or "not ok N - claim" line for each
# claim and a plan at its end; it fails if a claim fails or if it does not
# reach its end. Its last claims are always the same: the kernel log is silent
# and the module can be taken out.
#
#   KIND=wg TOOL=wgctl      what is tested, and what configures it (defaults)
#   KIND=wireguard TOOL=wg  the kernel's own module instead: shows that what a
#                           scenario demands is what the protocol demands
#   WG_KO                   path of wg.ko, set by tests/vm/run
#   WG_OFFLOADS=off         cables that neither segment nor aggregate nor sum
set -euo pipefail
export LC_ALL=C WG_COLOR_MODE=never NO_COLOR=1 WG_HIDE_KEYS=never

: "${KIND:=wg}" "${TOOL:=wgctl}" "${WG_OFFLOADS:=on}"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
T=$(mktemp -d /tmp/net.XXXXXX)
claims=0 failures=0 finished=
jobs_started=() spaces=()

# --- claims -----------------------------------------------------------------

ok() {
	claims=$((claims + 1))
	echo "ok $claims - $*"
}

# not_ok CLAIM [DIAGNOSTIC]
not_ok() {
	claims=$((claims + 1)) failures=$((failures + 1))
	echo "not ok $claims - $1"
	[ $# = 1 ] || printf '%s\n' "${*:2}" | sed 's/^/#   /'
}

note() { echo "# $*"; }

# check CLAIM COMMAND...: the command succeeds
check() {
	local claim=$1 out
	shift
	if out=$("$@" 2>&1); then
		ok "$claim"
		grep '^# ' <<< "$out" || true
	else
		not_ok "$claim" "$* failed" "$out"
	fi
}

# refuse CLAIM COMMAND...: the command fails
refuse() {
	local claim=$1 out patience=3
	shift
	if out=$("$@" 2>&1); then not_ok "$claim" "$* succeeded" "$out"; else ok "$claim"; fi
}

# same CLAIM GOT WANTED
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got    $2" "wanted $3"; fi
}

# between CLAIM LOW GOT HIGH, in integers
between() {
	if [ "$2" -le "$3" ] && [ "$3" -le "$4" ]; then
		ok "$1 ($3)"
	else
		not_ok "$1" "got $3, wanted $2 to $4"
	fi
}

# wait_for SECONDS COMMAND...: until it succeeds. SECONDS are what a machine with
# nothing else to do may take; a busy one is given ten times that.
wait_for() {
	local end=$((SECONDS + 10 * $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -le $end ] || return 1
		sleep 0.1
	done
}

# --- modules ----------------------------------------------------------------

# insert [PARAMETER=VALUE...]: insmod our module and what it needs
# shellcheck disable=SC2120 # parameters are for the scenarios
insert() {
	local need
	[ -r "${WG_KO:-}" ] || { echo "Bail out! WG_KO names no module"; exit 1; }
	for need in $(modinfo -F depends "$WG_KO" | tr ',' ' '); do
		modprobe "$need"
	done
	insmod "$WG_KO" "$@"
}

load_module() {
	# shellcheck disable=SC2119
	if [ "$KIND" = wg ]; then insert; else modprobe "$KIND"; fi
}

is_loaded() { [ -d "/sys/module/$1" ]; }
is_unused() { [ "$(cat "/sys/module/$1/refcnt")" = 0 ]; }

# --- namespaces and cables --------------------------------------------------

at() { ip netns exec "$@"; } # at NAMESPACE COMMAND...
red() { at red "$@"; }
blue() { at blue "$@"; }

# world NAME...: make namespaces
world() {
	local ns
	for ns in "$@"; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		at "$ns" sysctl -qw net.ipv4.conf.all.promote_secondaries=1
		spaces+=("$ns")
	done
}

# address NAMESPACE INTERFACE ADDRESS/LENGTH...
address() {
	local ns=$1 dev=$2 a
	shift 2
	for a in "$@"; do
		case $a in
		*:*) ip -n "$ns" addr add "$a" dev "$dev" nodad ;;
		*) ip -n "$ns" addr add "$a" dev "$dev" ;;
		esac
	done
}

# offloads on|off NAMESPACE INTERFACE: whatever the device lets us change
offloads() {
	local feature
	for feature in tx-checksumming sg tso gso gro tx-udp-segmentation rx-udp-gro-forwarding \
		rx-gro-list tx-gso-list; do
		at "$2" ethtool -K "$3" $feature "$1" > /dev/null 2>&1 || true
	done
}

# cable NS1 DEV1 NS2 DEV2: a veth pair, up; addresses are given afterwards
cable() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	if [ "$WG_OFFLOADS" = off ]; then
		offloads off "$1" "$2"
		offloads off "$3" "$4"
	fi
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# masquerade NAMESPACE INTERFACE: a router that hides what leaves by INTERFACE
masquerade() {
	at "$1" sysctl -qw net.ipv4.ip_forward=1
	at "$1" nft -f - <<- END
		table ip nat {
			chain out {
				type nat hook postrouting priority 100;
				oifname "$2" masquerade
			}
		}
	END
}

# --- keys and devices -------------------------------------------------------

# pub NAME: the public key of NAME, made when first asked for
pub() {
	if [ ! -s "$T/$1.pub" ]; then
		(umask 077 && wg genkey > "$T/$1.key")
		wg pubkey < "$T/$1.key" > "$T/$1.pub"
	fi
	cat "$T/$1.pub"
}

key() { pub "$1" > /dev/null && echo "$T/$1.key"; }

# device NAMESPACE DEVICE IDENTITY PORT ADDRESS...: up, without peers
device() {
	local ns=$1 dev=$2 who=$3 port=$4
	shift 4
	ip -n "$ns" link add "$dev" type "$KIND"
	[ -z "${TEST_LANES:-}" ] || ! counts_drops ||
		at "$ns" ethtool -L "$dev" combined "$TEST_LANES"
	at "$ns" "$TOOL" set "$dev" private-key "$(key "$who")" listen-port "$port"
	address "$ns" "$dev" "$@"
	ip -n "$ns" link set "$dev" up
}

# go_device NAMESPACE DEVICE IDENTITY PORT ADDRESS...: the same by wireguard-go,
# which stock wg finds by the device's name; so that must be nobody else's
go_device() {
	local ns=$1 dev=$2 who=$3 port=$4
	shift 4
	LOG_LEVEL=error start "$ns" wireguard-go -f "$dev"
	wait_for 20 test -S "/var/run/wireguard/$dev.sock"
	at "$ns" wg set "$dev" private-key "$(key "$who")" listen-port "$port"
	address "$ns" "$dev" "$@"
	ip -n "$ns" link set "$dev" mtu 1420 up
}

# peer NAMESPACE DEVICE IDENTITY [WORDS of `set ... peer KEY`]
peer() {
	local ns=$1 dev=$2 who=$3
	shift 3
	at "$ns" "$TOOL" set "$dev" peer "$(pub "$who")" "$@"
}

# The usual picture, 10.9.0.0/24 and fd09::/64 inside:
#
#   red  wg0 10.9.0.1                             blue wg0 10.9.0.2
#        vr  10.0.0.1:51801 ---------- 10.0.0.2:51802  vb
#            [fd00::1]                 [fd00::2]
red_blue() {
	world red blue
	cable red vr blue vb
	address red vr 10.0.0.1/24 fd00::1/64
	address blue vb 10.0.0.2/24 fd00::2/64
}

# pair [WORDS for both peers]: the picture above with devices and peers
# shellcheck disable=SC2120
pair() {
	red_blue
	device red wg0 red 51801 10.9.0.1/24 fd09::1/64
	device blue wg0 blue 51802 10.9.0.2/24 fd09::2/64
	peer red wg0 blue endpoint 10.0.0.2:51802 \
		allowed-ips 10.9.0.2/32,fd09::2/128 "$@"
	peer blue wg0 red endpoint 10.0.0.1:51801 \
		allowed-ips 10.9.0.1/32,fd09::1/128 "$@"
}

# field NAMESPACE DEVICE FIELD IDENTITY: what `show` says of that peer
field() {
	at "$1" "$TOOL" show "$2" "$3" |
		awk -v key="$(pub "$4")" '$1 == key { $1 = ""; print substr($0, 2) }'
}

has_field() { [ "$(field "$1" "$2" "$3" "$4")" = "$5" ]; }
shake_time() { field "$1" "$2" latest-handshakes "$3"; }
has_shaken() { [ "$(shake_time "$1" "$2" "$3")" -gt "${4:-0}" ]; }
received() { field "$1" "$2" transfer "$3" | awk '{ print $1 }'; }

# Drops are counted by reason in our module only.
counts_drops() { [ "$KIND" = wg ]; }

# drops NAMESPACE DEVICE REASON: of the whole device
drops() {
	at "$1" "$TOOL" show "$2" drops |
		awk -v reason="$3" '$1 == "(device)" && $2 == reason { n = $3 }
			END { print n + 0 }'
}

has_dropped() { [ "$(drops "$1" "$2" "$3")" -ge "$4" ]; }

# remember NAMESPACE DEVICE REASON: what `dropped` compares with
remember() {
	! counts_drops || before=$(drops "$@")
}

# dropped CLAIM NAMESPACE DEVICE REASON [AT_LEAST]: the count has grown since
# `remember`, or does within seconds
dropped() {
	if ! counts_drops; then
		sleep 0.3 # the packet is dealt with by then
		return 0
	fi
	if wait_for 3 has_dropped "$2" "$3" "$4" $((before + ${5:-1})); then
		ok "$1: counted as $4"
	else
		not_ok "$1: counted as $4" "$(at "$2" "$TOOL" show "$3" drops 2>&1)"
	fi
}

# --- traffic ----------------------------------------------------------------

# Seconds for an answer that comes. What must not come is waited for less long.
patience=20

# reaches NAMESPACE ADDRESS [PING OPTIONS]
reaches() { at "$1" ping -q -n -c 1 -W "$patience" "${@:3}" "$2"; }

# loses_none NAMESPACE ADDRESS COUNT: each of so many is answered
loses_none() {
	at "$1" ping -q -n -c "$3" -i 0.2 -W "$patience" "$2" |
		grep -q "^$3 packets transmitted, $3 received"
}

# eventually_reaches: with time for a handshake to be tried again
eventually_reaches() {
	local patience=3
	wait_for 20 reaches "$@"
}

# start NAMESPACE COMMAND...: in the background, ended with the scenario; sets
# $started, its process, and $output, the file with what it prints
start() {
	local ns=$1
	shift
	output=$T/job.${#jobs_started[@]}.out
	ip netns exec "$ns" "$@" > "$output" 2>&1 &
	started=$!
	jobs_started+=("$started")
}

# ask_in_vain: device t7 of red leads to a peer in blue that never answers; somebody
# sends to it, and waits to be told. Sets what start() does.
ask_in_vain() {
	device red t7 red 52007 10.9.7.1/24
	peer red t7 nobody endpoint 10.0.0.2:9999 allowed-ips 10.9.7.2/32
	blue nft -f - <<- END
		table ip silence {
			chain in {
				type filter hook input priority 0;
				udp dport 9999 drop
			}
		}
	END
	start red "${forger[@]}" ask 10.9.7.2 400
}

# stop PID: end a job of start()
stop() {
	kill "$1" 2> /dev/null || true
	wait "$1" 2> /dev/null || true
}

listens() { [ -n "$(at "$1" ss -Htuln "sport = $2")" ]; }

# serve NAMESPACE: an iperf3 server there
serve() {
	start "$1" iperf3 -s
	wait_for 10 listens "$1" 5201
}

# bulk NAMESPACE ADDRESS BYTES [IPERF3 OPTIONS]: a TCP transfer. It ends when the
# last byte is in the sender's socket, so that a little less arrives.
bulk() {
	at "$1" timeout 300 iperf3 -J -c "$2" -n "$3" "${@:4}" > "$T/iperf.out" 2> /dev/null || {
		cat "$T/iperf.out"
		return 1
	}
	note "$(jq -r '.end.sum_received.bits_per_second / 1e6 | round' "$T/iperf.out") Mbit/s ${*:4}"
	[ "$(arrived)" -gt 0 ]
}

# arrived: bytes of the last bulk()
arrived() { jq '.end.sum_received.bytes' "$T/iperf.out"; }

# udp NAMESPACE ADDRESS BYTES RATE LENGTH [IPERF3 OPTIONS]: at most 5 % are lost.
# The socket holds all that is sent: a slow machine does not always empty it in time.
udp() {
	sysctl -qw net.core.rmem_max=$((8 << 20)) net.core.wmem_max=$((8 << 20))
	# warnings go to standard error
	at "$1" timeout 300 iperf3 -J -u -w 4M -c "$2" -n "$3" -b "$4" -l "$5" \
		"${@:6}" > "$T/iperf.out" 2> /dev/null || {
		cat "$T/iperf.out"
		return 1
	}
	note "$(jq -r '.end.sum | "\(.lost_packets) of \(.packets) lost"' "$T/iperf.out")"
	jq -e '.end.sum | .packets > 0 and .lost_packets * 20 <= .packets' "$T/iperf.out"
}

# --- the wire ---------------------------------------------------------------

# sniff NAMESPACE INTERFACE FILE [FILTER]: capture the first 256 bytes of each
# packet until `unsniff FILE`
sniff() {
	local ns=$1 dev=$2 file=$3
	shift 3
	ip netns exec "$ns" tcpdump -Z root --immediate-mode -i "$dev" -U -s 256 -B 8192 \
		-w "$T/$file" "$@" 2> "$T/$file.log" &
	echo $! > "$T/$file.pid"
	jobs_started+=($!)
	wait_for 20 grep -q 'listening on' "$T/$file.log"
}

# is_idle PID: asleep. A tcpdump sleeps when it has written all that there was.
is_idle() { [ "$(awk '{ print $3 }' "/proc/$1/stat")" = S ]; }

# unsniff FILE: end the capture; what is on its way gets a moment to arrive
unsniff() {
	local pid
	pid=$(cat "$T/$1.pid")
	sleep 0.3
	wait_for 3 is_idle "$pid" || note "$1: traffic goes on"
	kill -INT "$pid" 2> /dev/null || true
	wait "$pid" 2> /dev/null || true
}

# seen FILE [FILTER]: packets captured
seen() {
	tcpdump -nn --count -r "$T/$1" "${@:2}" 2> /dev/null | awk '{ print $1 }'
}

# Message types as capture filters, over IPv4.
is_initiation='udp[8:4] = 0x01000000'
is_response='udp[8:4] = 0x02000000'
is_cookie='udp[8:4] = 0x03000000'
is_data='udp[8:4] = 0x04000000'
export is_initiation is_response is_cookie is_data # for the scenarios

forger=(/usr/bin/python3 -I -S "$here/forge.py")
forge() { at "$1" "${forger[@]}" "${@:2}"; }

# --- the end ----------------------------------------------------------------

# Lines above notice level that name us. That the module is not part of the
# kernel's tree is said by the kernel, once, and is true.
# EXPECTED_LOG is a regular expression for what a scenario provokes itself.
complaints() {
	dmesg --level=emerg,alert,crit,err,warn |
		grep -E '\bwg[0-9]*\b|wireguard' |
		grep -vE 'out-of-tree module taints|module verification failed' |
		grep -vE "${EXPECTED_LOG:-^$}" || true
}

end_jobs() {
	local pid
	for pid in "${jobs_started[@]}"; do
		kill "$pid" 2> /dev/null || true
	done
	wait 2> /dev/null || true
}

end_world() {
	local ns
	for ns in "${spaces[@]}"; do
		ip netns del "$ns" 2> /dev/null || true
	done
	spaces=()
}

cleanup() {
	local module=${KIND}
	trap - EXIT
	set +e
	[ -n "$finished" ] || not_ok 'the scenario runs to its end'
	end_jobs
	end_world
	if is_loaded "$module"; then
		check 'nothing holds the module at the end' wait_for 30 is_unused "$module"
		check 'the module goes' rmmod "$module"
	fi
	same 'the kernel log has nothing from us above notice level' "$(complaints)" ''
	echo "1..$claims"
	rm -rf "$T"
	[ $failures = 0 ] || exit 1
	exit 0
}

finish() { finished=1; }

trap cleanup EXIT
