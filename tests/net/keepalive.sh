#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalives, passive and persistent, and what they are for: a laptop behind a
# router that hides it and forgets it after eight seconds.
#
#   red wg0 10.9.0.1                                blue wg0 10.9.0.2
#       vr 192.168.1.2 --- 192.168.1.1 router 10.0.0.1 --- 10.0.0.2 vb
. "$(dirname "$0")/lib.sh"

load_module
modprobe nf_conntrack
world red router blue
cable red vr router inside
cable router outside blue vb
address red vr 192.168.1.2/24
address router inside 192.168.1.1/24
address router outside 10.0.0.1/24
address blue vb 10.0.0.2/24
ip -n red route add default via 192.168.1.1
masquerade router outside
at router sysctl -qw net.netfilter.nf_conntrack_udp_timeout=8 \
	net.netfilter.nf_conntrack_udp_timeout_stream=8

# wg0 is the laptop's tunnel; wg1 has no persistent keepalive
device red wg0 red 51801 10.9.0.1/24
device red wg1 quiet 51803 10.8.0.1/24
device blue wg0 blue 51802 10.9.0.2/24 10.8.0.2/24
peer blue wg0 red allowed-ips 10.9.0.1/32
peer blue wg0 quiet allowed-ips 10.8.0.1/32
peer red wg1 blue endpoint 10.0.0.2:51802 allowed-ips 10.8.0.2/32
begin=$SECONDS
sniff blue vb wire.pcap udp

# Switched on while the device is up: it starts by itself.
peer red wg0 blue endpoint 10.0.0.2:51802 allowed-ips 10.9.0.2/32 \
	persistent-keepalive 1
check 'a persistent keepalive starts at once, without traffic' \
	wait_for 5 has_shaken red wg0 blue
same 'it is shown' "$(field red wg0 persistent-keepalive blue)" 1
check 'the server reaches the laptop by it' reaches blue 10.9.0.1

# Without it, the router has forgotten after a few seconds of silence.
check 'the quiet tunnel works while it is fresh' reaches red 10.8.0.2
# However slow this machine: what it received it acknowledges after ten seconds, which
# would open the way again.
at router nft -f - <<- END
	table ip hush {
		chain in {
			type filter hook prerouting priority -300;
			udp sport 51803 drop
		}
	}
END
is_forgotten() { ! at router conntrack -L -p udp 2> /dev/null | grep -q 'sport=51803 '; }
check 'the router forgets it' wait_for 20 is_forgotten
check 'the server still reaches the laptop, which was as silent' reaches blue 10.9.0.1
refuse 'a laptop without persistent keepalive is out of reach' \
	reaches blue 10.8.0.1 -W 1
at router nft delete table ip hush
check 'and is back as soon as it speaks itself' reaches red 10.8.0.2
unsniff wire.pcap
elapsed=$((SECONDS - begin))

# Empty messages are 32 bytes long.
empty="$is_data and udp[4:2] = 40"
keepalives=$(seen wire.pcap "$empty and src host 10.0.0.1")
between "persistent keepalives, one a second for $elapsed s" 3 \
	"$keepalives" $((elapsed + 9))

# Passive: blue is told something and has nothing to say for ten seconds.
peer red wg0 blue persistent-keepalive 0
at router sysctl -qw net.netfilter.nf_conntrack_udp_timeout=60 \
	net.netfilter.nf_conntrack_udp_timeout_stream=60
check 'the tunnel works' reaches red 10.9.0.2
sleep 0.5
sniff blue vb passive.pcap udp
red bash -c 'echo hello > /dev/udp/10.9.0.2/9' || true
answered() { [ "$(seen passive.pcap "$empty and src host 10.0.0.2")" -ge 1 ]; }
blue nft -f - <<- END
	table ip mute {
		chain in {
			type filter hook input priority 0;
			iifname wg0 udp dport 9 drop
		}
	}
END
red bash -c 'echo hello > /dev/udp/10.9.0.2/9'
begin=$SECONDS
check 'a passive keepalive comes' wait_for 14 answered
check 'not before ten seconds' test $((SECONDS - begin)) -ge 9

# The router starts anew and gives red another port: the next packet of red's
# tells blue, and blue answers there.
before_port=$(field blue wg0 endpoints red)
at router nft -f - <<- END
	flush ruleset
	table ip nat {
		chain out {
			type nat hook postrouting priority 100;
			oifname outside udp sport 51801 masquerade to :40001
		}
	}
END
at router conntrack -F 2> /dev/null
check 'the router has forgotten red and gives it another port' reaches red 10.9.0.2
same 'blue knows' "$(field blue wg0 endpoints red)" 10.0.0.1:40001
refuse 'which is not the port of before' test "$before_port" = 10.0.0.1:40001
check 'and reaches red there' reaches blue 10.9.0.1
unsniff passive.pcap
finish
