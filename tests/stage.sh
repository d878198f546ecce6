#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stage.sh DIR: bring DIR's copy of the module sources up to date.
#
# Kernel builds drop objects beside each source. Building in a copy keeps the
# tree clean, and lets one tree be built for several kernels at a time. Only
# newer files are copied, so that make rebuilds only what changed.
set -eu
top=$(realpath "$(dirname "$0")/..")
dir=${1:?usage: stage.sh DIR}

mkdir -p "$dir/tests"
exec 9> "$dir/.lock"
flock 9

cp -ru --no-preserve=mode "$top/Kbuild" "$top/dkms.conf" "$top/src" "$top/include" "$dir/"
cp -ru --no-preserve=mode "$top/tests/kunit" "$dir/tests/"

# What is gone from the tree must not be compiled from the copy.
find "$dir/src" "$dir/include" "$dir/tests/kunit" -name '*.[ch]' -printf '%P %H/%P\n' |
while read -r _ copy; do
	[ -e "$top/${copy#"$dir/"}" ] || rm -f "$copy" "${copy%.c}.o"
done

# A file that came or went changes the link, which make alone does not see.
list=$(cd "$dir" && find src tests/kunit -name '*.c' | sort)
if [ "$list" != "$(cat "$dir/.sources" 2>/dev/null)" ]; then
	rm -f "$dir"/wg.o "$dir"/wg.mod
	echo "$list" > "$dir/.sources"
fi
