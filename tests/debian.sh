# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# debian.sh, to be sourced: kernels and kernel sources out of Debian's packages,
# unpacked under .cache/ and never installed.
#
# A kernel is asked for by series (6.1, 6.12: what this release offers) or as
# "newest": the highest one in the backports of the release after this one. No
# version and no mirror is written down here; apt knows both.

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
cache=${WG_CACHE:-$top/.cache}
APT=(-q -o APT::Sandbox::User=root)

die() { echo "${0##*/}: $*" >&2; exit 1; }
say() { echo "${0##*/}: $*" >&2; }

# lock NAME: one holder at a time, until this process ends
lock() {
	mkdir -p "$cache"
	exec 8> "$cache/.lock-$1"
	flock 8
}

# The code name of the Debian release that follows the running one.
next_release() {
	local now list=/usr/share/distro-info/debian.csv
	now=$(. /etc/os-release && echo "$VERSION_CODENAME")
	[ -r "$list" ] || die "$list is missing (package distro-info-data)"
	awk -F, -v now="$now" 'found { print $3; exit } $3 == now { found = 1 }' "$list"
}

# The mirror and the key that the system's own sources use for this release.
debian_mirror() {
	awk '$1 == "URIs:" { print $2; exit }
	     $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' \
		/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null
}

# bare_root RELEASE DIR: a minimal Debian (12, 13, ...), as files. It is thrown away
# some day: what is unpacked there need not be on the disk first.
bare_root() {
	local name
	command -v debootstrap > /dev/null || die "debootstrap is not installed"
	name=$(awk -F, -v version="$1" '$1 == version { print $3 }' /usr/share/distro-info/debian.csv)
	debootstrap --variant=minbase "$name" "$2" "$(debian_mirror)"
	echo force-unsafe-io > "$2/etc/dpkg/dpkg.cfg.d/quick"
}

# inside DIR COMMAND...: apt asks nothing there
inside() { DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$@"; }

# Point APT at the backports of the next release, with lists of their own.
use_backports() {
	local dir=$cache/apt mirror suite
	mirror=$(debian_mirror)
	suite=$(next_release)-backports
	[ -n "$mirror" ] || die "no Debian mirror in apt's sources"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
		> "$dir/sources.list"
	APT+=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
	      -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir")
	apt-get "${APT[@]}" update >&2 || die "apt-get update of $suite failed"
}

# newest_package REGEXP: the highest package name that matches
newest_package() {
	apt-cache "${APT[@]}" search --names-only "$1" | awk '{ print $1 }' | sort -V | tail -n 1
}

package_version() {
	apt-cache "${APT[@]}" show "$1" | awk '$1 == "Version:" { print $2 }' | sort -V | tail -n 1
}

# unpack_packages DIR PACKAGE...: download each and lay it out under DIR
unpack_packages() {
	local dir=$1 debs
	shift
	mkdir -p "$dir"
	debs=$(mktemp -d "$cache/debs.XXXXXX")
	if ! (cd "$debs" && apt-get "${APT[@]}" download "$@" >&2); then
		say "the package lists may be old: updating them"
		apt-get "${APT[@]}" update >&2 || true
		(cd "$debs" && apt-get "${APT[@]}" download "$@" >&2) ||
			die "cannot download: $*"
	fi
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir"
	done
	rm -rf "$debs"
}

# The series (major.minor) that a name stands for; "newest" switches to backports.
kernel_series() {
	local name
	if [ "$1" != newest ]; then
		echo "$1"
		return
	fi
	name=$(newest_package '^linux-headers-[0-9.]+[+]deb[0-9]+-amd64$')
	echo "$name" | sed -E 's/^linux-headers-([0-9]+\.[0-9]+).*/\1/'
}

unpack_source() { # NAME
	local series pkg version
	source_dir=$(readlink -f "$cache/src/$1") || source_dir=
	[ -z "$source_dir" ] || [ ! -f "$source_dir/.complete" ] || return 0
	[ "$1" != newest ] || use_backports
	series=$(kernel_series "$1")
	pkg=linux-source-$series
	version=$(package_version "$pkg")
	[ -n "$version" ] || die "no package $pkg; try apt-get update"
	source_dir=$cache/src/$pkg-$version
	if [ ! -f "$source_dir/.complete" ]; then
		say "unpacking $pkg $version"
		rm -rf "$source_dir" "$source_dir.deb"
		unpack_packages "$source_dir.deb" "$pkg"
		mkdir -p "$source_dir"
		tar -C "$source_dir" --strip-components=1 \
			-xf "$source_dir.deb/usr/src/$pkg.tar.xz" || die "cannot unpack $pkg"
		rm -rf "$source_dir.deb"
		touch "$source_dir/.complete"
	fi
	ln -sfn "${source_dir##*/}" "$cache/src/$1"
}

# kernel_source NAME: unpack the source of a kernel once; sets $source_dir
kernel_source() {
	(lock "src-$1"; unpack_source "$1") || exit
	source_dir=$(readlink -f "$cache/src/$1")
}
