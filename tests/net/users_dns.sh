#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# DNS of whole tunnels through the programs that distributions have for it:
# openresolv, Debian's resolvconf, and systemd-resolved by either of its tools.
# tests/setup.sh fetches them; here they are unpacked into the guest.
# not-on 6.1: programs outside of the kernel are what is tried
# not-on uml: a guest there has no root of its own that programs could go into
. "$(dirname "$0")/lib.sh"

resolvers=${WG_CACHE:-$here/../../.cache}/resolvers
load_module
mkdir -p "$T/conf"
export WGCTL_DIRECTORY=$T/conf

# file DNS...: of the tunnel
file() {
	cat > "$T/conf/dns0.conf" <<- END
		[Interface]
		PrivateKey = $(wgctl genkey)
		Address = 10.9.0.1/24, fd09::1/64
		MTU = 1400
		DNS = $*
	END
	chmod 600 "$T/conf/dns0.conf"
}

# lay NAME: its files, where they belong
lay() {
	tar -C "$resolvers/$1" -c . | tar -C / -x --keep-directory-symlink
}

# away NAME: and away again
away() {
	(cd "$resolvers/$1" && find . ! -type d) | (cd / && xargs rm -f)
	(cd "$resolvers/$1" && find . -depth -type d) |
		(cd / && xargs rmdir --ignore-fail-on-non-empty 2> /dev/null) || true
	rm -rf /run/resolvconf
}

servers() { awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf | xargs; }
domains() { awk '$1 == "search" { $1 = ""; print }' /etc/resolv.conf | xargs; }

# --- openresolv: the tunnel's servers alone ----------------------------------

lay openresolv
printf 'nameserver 192.0.2.53\nsearch home.example\n' | resolvconf -a eth0
before=$(cat /etc/resolv.conf)
same 'openresolv is at work' "$(servers)" 192.0.2.53
file 10.9.0.53, fd09::53, example.org
check 'up' wgctl up dns0
same 'all names are asked of the tunnel' "$(servers)" '10.9.0.53 fd09::53'
same 'with its domain' "$(domains)" example.org
file 10.9.0.54
check 'a reload with another server' wgctl reload dns0
same 'has it asked' "$(servers) $(domains)" '10.9.0.54 '
file example.org
check 'a reload with a domain alone' wgctl reload dns0
same 'has the machine ask its own server' "$(servers)" 192.0.2.53
same 'in that domain as well' "$(domains)" 'example.org home.example'
check 'down' wgctl down dns0
same 'resolv.conf is as before' "$(cat /etc/resolv.conf)" "$before"
check 'up with a domain alone' wgctl up dns0
same 'has the machine ask its own server' "$(servers)" 192.0.2.53
check 'down' wgctl down dns0
same 'resolv.conf is as before' "$(cat /etc/resolv.conf)" "$before"
away openresolv

# --- Debian's resolvconf: the tunnel's servers first -------------------------

lay resolvconf
mkdir -p /run/resolvconf/interface
ln -sf /run/resolvconf/resolv.conf /etc/resolv.conf
resolvconf --enable-updates
printf 'nameserver 192.0.2.53\nsearch home.example\n' | resolvconf -a eth0.dhcp
before=$(cat /etc/resolv.conf)
same 'resolvconf is at work' "$(servers)" 192.0.2.53
file 10.9.0.53, fd09::53, example.org
check 'up' wgctl up dns0
same 'names are asked of the tunnel first' "$(servers)" '10.9.0.53 fd09::53 192.0.2.53'
same 'with its domain first' "$(domains)" 'example.org home.example'
check 'down' wgctl down dns0
same 'resolv.conf is as before' "$(cat /etc/resolv.conf)" "$before"
away resolvconf

# --- systemd-resolved --------------------------------------------------------

lay systemd-resolved
systemd-sysusers /usr/lib/sysusers.d/systemd-resolve.conf
mkdir -p /run/dbus
install -d -o systemd-resolve -g systemd-resolve /run/systemd/resolve
dbus-uuidgen --ensure
dbus-daemon --system --fork
/lib/systemd/systemd-resolved 2> "$T/resolved.log" &
jobs_started+=($!)
ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
check 'systemd-resolved is at work' wait_for 60 resolvectl status

# link WHAT: what systemd-resolved says of the tunnel
link() { resolvectl "$1" dns0 | sed 's/^[^:]*: *//'; }

# Where resolvconf is resolvectl by another name, it is called by its own.
for tool in both resolvectl; do
	[ $tool = both ] || rm /sbin/resolvconf
	before=$(cat /etc/resolv.conf; resolvectl status)
	file 10.9.0.53, fd09::53, example.org
	check "up, with $tool" wgctl up dns0
	same 'the tunnel has its servers' "$(link dns)" '10.9.0.53 fd09::53'
	same 'and all names go there' "$(link domain | tr ' ' '\n' | sort | xargs)" 'example.org ~.'
	file 10.9.0.54
	check 'a reload with another server' wgctl reload dns0
	same 'has it asked' "$(link dns) $(link domain)" '10.9.0.54 ~.'
	file example.org
	check 'a reload with a domain alone' wgctl reload dns0
	same 'takes the servers away' "$(link dns)" ''
	check 'down' wgctl down dns0
	same 'systemd-resolved is as before' "$(cat /etc/resolv.conf; resolvectl status)" "$before"
done
finish
