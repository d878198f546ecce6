#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Operators' programs, tools/trace/*.bt, beside traffic that has all that they tell
# of. The package bpftrace must be installed.
#
# limit: 1800
# not-on 6.1: bpftrace takes minutes to start in emulation; make vm SCRIPT=tests/net/trace.sh
# not-on 6.12: bpftrace takes minutes to start in emulation; make vm SCRIPT=tests/net/trace.sh
# not-on uml: it has no BPF programs on tracepoints
. "$(dirname "$0")/lib.sh"

load_module

# trace NAME [ARGUMENT]: until there is $T/done. What a program runs itself, it runs
# once it is attached.
tracers=()
cat > "$T/wait" << END
touch "\$1"
until [ -e "$T/done" ]; do sleep 0.5; done
END
trace() {
	bpftrace -c "/bin/sh $T/wait $T/$1.attached" \
		"$here/../../tools/trace/$1.bt" "${@:2}" > "$T/$1.trace" 2>&1 &
	tracers+=($!)
	jobs_started+=($!)
	check "$1.bt is attached" wait_for 30 test -e "$T/$1.attached"
}
trace handshakes
trace handshakers
trace peers
trace drops
trace batches wg0

# traced CLAIM NAME PATTERN: a line of its output
traced() { check "$2.bt: $1" grep -E "$3" "$T/$2.trace"; }
# sum NAME PATTERN: of the counts whose lines begin so
sum() { awk -v is="^@$2" '$0 ~ is { n += $NF } END { print n + 0 }' "$T/$1.trace"; }

# shellcheck disable=SC2119
pair
ask_in_vain
asked=$started
check 'the tunnel works' reaches red 10.9.0.2
red ping -q -n -c 3 -i 0.2 -W 1 10.9.0.77 > /dev/null || true
red "$TOOL" set wg0 listen-port 51999
check 'red has changed its port' reaches red 10.9.0.2
serve blue
check 'a stream' bulk red 10.9.0.2 2000000
wait "$asked" || true
touch "$T/done"
wait "${tracers[@]}"
sed 's/^/# /' "$T"/*.trace

between 'handshakers.bt: what the silent peer was sent' 9 \
	"$(sum handshakers 'initiations_sent.t7')" 20
same 'handshakers.bt: and what it answered' "$(sum handshakers 'responses_received.t7')" 0
between 'handshakers.bt: another one answered' 1 \
	"$(sum handshakers 'responses_received.wg0')" 9
between 'handshakers.bt: which had received as much' 1 \
	"$(sum handshakers 'initiations_received.wg0')" 9
traced 'the silent peer is lost' peers \
	'^t7 peer [0-9]+: session-lost, (9|1[0-9]|20) initiations unanswered'
traced 'the other one has moved' peers '^wg0 peer [0-9]+: endpoint-moved, [0-9]+ ms'
between 'drops.bt: what waited for the silent peer' 1 \
	"$(sum drops 'drops.t7, [0-9]+, staged-stale')" 9
traced 'what no peer has, under one key' drops '^@drops.wg0, 0, no-peer\]: 3$'
traced 'a handshake took so long' handshakes '^@milliseconds.wg0'
refuse 'handshakes.bt: what was not answered is none' grep -F '[t7]' "$T/handshakes.trace"
between 'batches.bt: several packets are sent at one time' 1 "$(awk '
	/^@/ { is = /^@sent/ } is && /^\[[0-9]+, / { n += $3 } END { print n + 0 }
	' "$T/batches.trace")" 2000
finish
