#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# With compat=1 stock wg and wg-quick drive our module; beside the kernel's own
# it refuses to load so; without the parameter both live side by side.
. "$(dirname "$0")/lib.sh"
KIND=wg
EXPECTED_LOG='wireguard.*(already|in use|loaded|registered)|the name wireguard'

# As a package leaves them: both modules where modprobe finds them by their names, with
# what they need and nothing else, since depmod takes long; and the file of wg-compat.
modules=/lib/modules/$(uname -r)
tree=$T/tree
find_modules() { depmod -b "$tree" "$(uname -r)"; }
install_modules() {
	mkdir -p "$tree$modules/updates"
	cp "$WG_KO" "$tree$modules/updates/"
	cp "$modules"/modules.{order,builtin}* "$tree$modules/"
	{
		modprobe --show-depends wireguard
		modinfo -F depends "$WG_KO" | tr ',' '\n' | xargs -n 1 modprobe --show-depends
	} | awk '$1 == "insmod" { print $2 }' | sort -u | xargs cp -t "$tree$modules/"
	find_modules
	mount --bind "$tree$modules" "$modules"
	cp "$here/../../debian/wg-compat.conf" /etc/modprobe.d/
}

red_blue
install_modules
check 'modprobe wireguard is content' modprobe wireguard
check 'with our module' is_loaded wg
rmmod wg
check 'who asks for the family gets our module' genl ctrl get name wireguard
rmmod wg
check 'and so does who asks for the kind' ip -n red link add test0 type wireguard
refuse 'the kernel module is not loaded for it' is_loaded wireguard
same 'and it is the kind that is shown' \
	"$(ip -n red -d -j link show test0 | jq -r '.[0].linkinfo.info_kind')" wireguard
devtype() { red sed -n 's/^DEVTYPE=//p' "/sys/class/net/$1/uevent"; }
same 'and the type by which networkd and udev match' "$(devtype test0)" wireguard
ip -n red link del test0
ip -n red link add test0 type wg
same 'the kind wg has its own' "$(devtype test0)" wg
ip -n red link del test0

# What matches by type, as files of udev and networkd do.
mkdir -p /etc/systemd/network
printf '[Match]\nType=wireguard\n[Link]\nMTUBytes=1300\n' > /etc/systemd/network/50-try.link
printf '[Match]\nType=wireguard\n[Network]\nAddress=10.77.0.1/24\n' \
	> /etc/systemd/network/50-try.network
has_address() { ip -br addr show "$1" | grep -qwF "$2"; }
/lib/systemd/systemd-udevd > "$T/udevd" 2>&1 &
jobs_started+=($!)
wait_for 20 test -S /run/udev/control
ip link add test0 type wireguard
check 'a .link file does' wait_for 20 grep -qx 1300 /sys/class/net/test0/mtu
/lib/systemd/systemd-networkd > "$T/networkd" 2>&1 &
jobs_started+=($!)
check 'and a .network file' wait_for 20 has_address test0 10.77.0.1/24
end_jobs
ip link del test0

# Stock wg, on both sides.
(
	KIND=wireguard TOOL=wg
	device red wg0 red 51801 10.9.0.1/24
	device blue wg0 blue 51802 10.9.0.2/24
	peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
	peer blue wg0 red allowed-ips 10.9.0.1/32
)
check 'devices that stock wg has set up work' reaches red 10.9.0.2
same 'stock wg shows them' "$(red wg show wg0 listen-port)" 51801
red wg showconf wg0 > "$T/stock"
red wgctl showconf wg0 > "$T/ours"
check 'wgctl shows the very same configuration' diff "$T/stock" "$T/ours"
red wg show wg0 dump > "$T/stock"
red wgctl show wg0 dump > "$T/ours"
check 'and dumps the same' diff "$T/stock" "$T/ours"
red wg show wg0 > "$T/stock"
red wgctl show wg0 > "$T/ours"
same 'and prints the same first lines' "$(head -n 6 "$T/ours")" "$(head -n 6 "$T/stock")"
check 'stock wg sets what it shows' red wg syncconf wg0 <(red wg showconf wg0)
check 'the tunnel has not noticed' reaches red 10.9.0.2
ip -n red link del wg0
ip -n blue link del wg0

# wg-quick, from a file, on both sides.
quick() { # quick red|blue N PEER PEER_N
	cat > "$T/quick$1.conf" <<- END
		[Interface]
		PrivateKey = $(cat "$(key "$1")")
		Address = 10.9.0.$2/24, fd09::$2/64
		ListenPort = 5180$2
		MTU = 1400
		[Peer]
		PublicKey = $(pub "$3")
		AllowedIPs = 10.9.0.$4/32, fd09::$4/128, 192.0.2.$4/32
		Endpoint = 10.0.0.$4:5180$4
		PersistentKeepalive = 25
	END
	chmod 600 "$T/quick$1.conf"
}
quick red 1 blue 2
quick blue 2 red 1
check 'wg-quick up, red' red wg-quick up "$T/quickred.conf"
check 'wg-quick up, blue' blue wg-quick up "$T/quickblue.conf"
check 'the tunnel works' eventually_reaches red 10.9.0.2
check 'over IPv6' reaches blue fd09::1
check 'the route is there' test -n "$(ip -n red route show 192.0.2.2)"
check 'wg-quick down, red' red wg-quick down "$T/quickred.conf"
check 'wg-quick down, blue' blue wg-quick down "$T/quickblue.conf"
same 'nothing is left' "$(ip -n red -o link show type wireguard)" ''
check 'the module is in nobody'\''s use' wait_for 10 is_unused wg
rmmod wg

# A kernel for which there is none of ours.
mv "$tree$modules/updates/wg.ko" "$T/"
find_modules
check 'where our module is not, the kind is the kernel module'\''s' \
	ip -n red link add test0 type wireguard
check 'which is loaded' is_loaded wireguard
check 'and the log says so' grep -q 'the kernel.s own module does' <(dmesg | tail -n 5)
ip -n red link del test0
mv "$T/wg.ko" "$tree$modules/updates/"
find_modules

# Beside the kernel's own.
refuse 'with the kernel module loaded, compat=1 is refused' modprobe wg
same 'and modprobe says so' "$(modprobe wg 2>&1 > /dev/null)" \
	"modprobe: ERROR: could not insert 'wg': Device or resource busy"
check 'and the log says why' grep -q wireguard <(dmesg | tail -n 3)
refuse 'nothing is left of it' is_loaded wg
check 'without the parameter they live side by side' modprobe -C /dev/null wg
device red wg0 red 51801 10.9.0.1/24
peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32
KIND=wireguard TOOL=wg device blue wg0 blue 51802 10.9.0.2/24
TOOL=wg peer blue wg0 red allowed-ips 10.9.0.1/32
check 'and talk to each other' eventually_reaches red 10.9.0.2
same 'each with its kind' \
	"$(ip -n red -d -j link show wg0 | jq -r '.[0].linkinfo.info_kind')" wg
refuse 'stock wg sees only its own' red wg show wg0 listen-port
finish
