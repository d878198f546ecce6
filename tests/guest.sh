# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh, to be sourced by tests/vm/run and tests/uml/run: what a guest is given and
# what is made of what it leaves. Files, environment and status are described in
# tests/vm/run; debian.sh is sourced before.
. "$(dirname "${BASH_SOURCE[0]}")/splat.sh"

# build_module DIR LOG ARGUMENT...: wg.ko, by make with these arguments, and wgctl; or
# wg.ko with its suites, if KUNIT=1. Sets WG_KO.
build_module() {
	# shellcheck disable=SC2154 # debian.sh sets top
	local dir=$1${KUNIT:+-kunit} log=$top/build/logs/module-$2.log
	[ "${BUILD:-yes}" != no ] && [ -z "${WG_KO:-}" ] || return 0
	mkdir -p "${log%/*}"
	export WG_KO=$dir/wg.ko
	if ! { make -s -C "$top" module BUILD="$dir" "${@:3}" ${KUNIT:+WG_KUNIT=1} &&
	       { [ -n "${KUNIT:-}" ] || (lock tools; make -s -C "$top" tools); }; } > "$log" 2>&1; then
		tail -n 30 "$log" >&2
		die "the build failed, see $log"
	fi
}

# clock_argument: for the kernel of a guest in QEMU, tests/vm/tsc.c says why
clock_argument() {
	# shellcheck disable=SC2154 # debian.sh sets cache
	local tsc=$cache/tsc
	[ "${ACCEL:-tcg}" = tcg ] && [ "$(uname -m)" = x86_64 ] || return 0
	if [ ! "$tsc" -nt "$top/tests/vm/tsc.c" ]; then
		cc -O2 -Wall -Werror -o "$tsc.$$" "$top/tests/vm/tsc.c"
		mv "$tsc.$$" "$tsc"
	fi
	echo "tsc_early_khz=$("$tsc")"
}

# make_job MODULES LIMIT SCRIPT ARGUMENT...: sets $job, a directory for both sides
make_job() {
	local name
	job=${JOB:-$(mktemp -d /tmp/wg-job.XXXXXX)}
	mkdir -p "$job"
	job=$(realpath "$job")
	rm -f "$job"/{booted,status,dmesg,console,splats,kmemleak}
	{
		printf 'modules=%q\nlimit=%q\n' "$1" "$2"
		while IFS= read -r name; do
			printf 'export %s=%q\n' "$name" "${!name}"
		done < <(compgen -e | grep -E '^(WG_|TEST_|BENCH_)|^(KIND|TOOL|SEED)$')
		# shellcheck disable=SC2016 # for the guest
		printf 'export PATH=%q:$PATH\ncd %q\n' "$top/tools" "$PWD"
		printf 'command=(bash'
		printf ' %q' "${@:3}"
		echo ')'
	} > "$job/job"
}

# end_job STATUS TITLE LOG...: the verdict, where the guest's process ended with STATUS
end_job() {
	local status=125
	if [ -s "$job/status" ]; then
		status=$(cat "$job/status")
	elif [ "$1" = 124 ] || [ "$1" = 137 ]; then
		status=124
	fi
	splats "${@:3}" > "$job/splats"
	[ "$status" != 0 ] || [ ! -s "$job/splats" ] || status=126

	say "status $status, $2, $(wc -l < "$job/splats") complaints, $job"
	if [ "$status" != 0 ]; then
		head -n 10 "$job/splats" >&2
		[ "$status" != 125 ] || tail -qn 30 "$job/console" "$job"/qemu.log >&2 || :
	elif [ -z "${JOB:-}" ]; then
		rm -rf "$job"
	fi
	exit "$status"
}
