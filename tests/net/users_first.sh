#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# As somebody would who has read `wgctl help` and nothing else: its example,
# line by line, on a machine without any tunnel, and a phone that scans the
# code. What the help says is what is run here.
#
# not-on 6.1: programs outside of the kernel are what is tried
# on uml: what is tried is mostly programs
. "$(dirname "$0")/lib.sh"
. "$here/lib_users.sh"

load_module
world server phone world
cable phone wan server wan
address phone wan 198.51.100.2/24
address server wan 198.51.100.1/24
cable server lan world lan
address server lan 203.0.113.1/24
address world lan 203.0.113.2/24
ip -n phone route add default via 198.51.100.1
rm -rf /etc/wireguard
fake_resolvconf

mapfile -t example < <(wgctl help | sed -n 's/^  \(wgctl .*\)/\1/p')
same 'the help has an example of three commands' "${#example[@]}" 3
for command in "${example[@]}"; do
	command=${command/vpn.example.org/198.51.100.1}
	check "$command" at server sh -c "$command > $T/said"
done

# What was drawn, as a picture: each character is two dots of a column. Only QR
# codes are looked for: in noise a reader finds other bars now and then.
python3 -c '
import sys
light = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
lines = [l.rstrip("\n") for l in sys.stdin if l[:1] in light]
rows = [[light[c][i] for c in l] for l in lines for i in (0, 1)]
scale = 4
print("P1", len(rows[0]) * scale, len(rows) * scale)
for row in rows:
    line = " ".join(str(1 - dot) for dot in row for _ in range(scale))
    for _ in range(scale):
        print(line)
' < "$T/said" > "$T/drawn.pbm"
mkdir -m 700 "$T/phone"
zbarimg -q --raw -Sdisable -Sqrcode.enable -Sbinary "$T/drawn.pbm" 2> /dev/null > "$T/phone/tun0.conf"
chmod 600 "$T/phone/tun0.conf"
check 'the phone scans it and connects' at phone env WGCTL_DIRECTORY="$T/phone" wgctl up tun0
tunnel=$(at server sed -n 's/^Address = \([0-9.]*\).*/\1/p' /etc/wireguard/wg0.conf)
same 'what it sends goes there' "$(at phone ip route get "$tunnel" | grep -o 'dev [a-z0-9]*')" 'dev tun0'
check 'the server is reached through the tunnel' eventually_reaches phone "$tunnel"
check 'and what the server reaches' reaches phone 203.0.113.2
same 'the server knows how the phone does' \
	"$(at server wgctl user list | awk '{ print $1, $4 }')" 'phone good'
check 'the server goes down' at server wgctl down wg0
same 'and forwards no more' "$(at server sysctl -n net.ipv4.ip_forward)" 0
finish
