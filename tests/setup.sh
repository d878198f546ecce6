#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh [deb|field]: install the Debian packages that building and testing need,
# those that are missing and no others, and unpack a few under .cache. Says what it
# installs. With "deb", what `make deb` needs alone; with "field", also what makes and
# tries whole systems.
set -eu

tool=(make gcc libc6-dev pkg-config libmnl-dev libsodium-dev libqrencode-dev libpng-dev)
deb=(dpkg-dev debhelper dh-dkms git cpio)
tests=(
	# module, kernels
	bc bison flex cpio rsync kmod xz-utils zstd patch libelf-dev libssl-dev
	linux-headers-amd64 distro-info-data util-linux pahole
	# host tests, fuzzers, lint
	clang libclang-rt-dev gcovr sparse codespell mandoc shellcheck git perl
	python3 python3-docutils python3-yaml bash zsh fish
	# virtual machines and what runs in them
	qemu-system-x86 busybox-static iproute2 iputils-ping procps iptables nftables
	iperf3 ncat ethtool tcpdump conntrack jq dbus systemd udev wireguard-tools wireguard-go
	zbar-tools
)
case ${1:-} in
deb) packages=("${tool[@]}" "${deb[@]}") ;;
field) packages=("${tool[@]}" "${deb[@]}" "${tests[@]}" lintian debootstrap e2fsprogs) ;;
*) packages=("${tool[@]}" "${tests[@]}") ;;
esac

if ! command -v dpkg-query > /dev/null; then
	echo "setup: this is not Debian; what is needed is listed in $0" >&2
	exit 0
fi

# Names without the architecture that some are listed with.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
	sed -n 's/^installed //p')
missing=()
for p in "${packages[@]}"; do
	grep -qxF "$p" <<< "$installed" || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "These packages are missing; as root, run:" >&2
		echo "	apt-get install ${missing[*]}" >&2
		exit 1
	fi
	echo "setup: installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update
	apt-get -q -y --no-install-recommends install "${missing[@]}"
fi

[ "${1:-}" != deb ] || exit 0

# Installed, these would take over the name servers of this machine. The
# scenario that needs them unpacks them in its guest.
. "$(dirname "$0")/debian.sh"
for p in openresolv resolvconf systemd-resolved; do
	[ -d "$cache/resolvers/$p" ] && continue
	rm -rf "$cache/resolvers/$p.new"
	unpack_packages "$cache/resolvers/$p.new" "$p"
	mv "$cache/resolvers/$p.new" "$cache/resolvers/$p"
done
