#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The units under systemd, which runs here as the first process of a PID
# namespace: a tunnel is started, reloaded and stopped, names of endpoints
# are looked up again, and metrics are written.
# not-on 6.1: programs outside of the kernel are what is tried
# not-on uml: a guest there has no root of its own to install into
. "$(dirname "$0")/lib.sh"

load_module
make -s -C "$here/../../tools" install PREFIX=/usr
mkdir -p /etc/wireguard
{
	printf '[Interface]\nPrivateKey = %s\nAddress = 10.9.0.1/24\n' "$(wgctl genkey)"
	printf 'MTU = 1400\nPostUp = ip route add 10.77.0.0/16 dev %%i\n'
	printf '[Peer]\n# Name = other\nPublicKey = %s\n' "$(wgctl genkey | wgctl pubkey)"
	printf 'AllowedIPs = 10.9.0.2/32\nEndpoint = other.example:51820\n'
} > /etc/wireguard/sys0.conf
chmod 600 /etc/wireguard/sys0.conf
echo '192.0.2.1 other.example' >> /etc/hosts

# Nothing of what this machine would start otherwise.
units=$T/units
mkdir "$units"
cp /lib/systemd/system/wgctl* "$units"
for target in default sysinit basic multi-user timers shutdown umount network-online nss-lookup; do
	printf '[Unit]\nDefaultDependencies=no\n' > "$units/$target.target"
done
container=yes SYSTEMD_UNIT_PATH=$units unshare -f --kill-child -p -m -C --propagation private bash -c '
	mount -t proc proc /proc
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /sys/fs/cgroup
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	exec /lib/systemd/systemd --log-target=console --show-status=no
' > "$T/systemd.log" 2>&1 &
jobs_started+=($!)
wait_for 20 pgrep -P $!
first=$(pgrep -P $!)
inside() { nsenter -t "$first" -p -m -C "$@"; }
is_active() { inside systemctl -q is-active "$1"; }
check 'systemd is up' wait_for 120 is_active default.target

check 'a tunnel is started' inside systemctl start wgctl@sys0
check 'it is up' wgctl show sys0 peers
same 'with its hook' "$(ip route show dev sys0 10.77.0.0/16)" '10.77.0.0/16 scope link '
check 'its unit stays active' is_active wgctl@sys0
same 'it leaves no cores' "$(inside systemctl show -P LimitCORE wgctl@sys0)" 0

sed -i 's/10.9.0.2\/32/10.9.0.3\/32/' /etc/wireguard/sys0.conf
check 'it is reloaded' inside systemctl reload wgctl@sys0
same 'to its file' "$(wgctl show sys0 allowed-ips | cut -f2)" 10.9.0.3/32

sed -i 's/192.0.2.1/192.0.2.2/' /etc/hosts
check 'the timer is started' inside systemctl start wgctl-resolve@sys0.timer
check 'names are looked up' inside systemctl start wgctl-resolve@sys0
same 'and the endpoint is new' "$(wgctl show sys0 endpoints | cut -f2)" 192.0.2.2:51820

prom=/var/lib/prometheus/node-exporter
check 'without the directory for metrics, nothing fails' \
	inside systemctl start wgctl-metrics.service
refuse 'and none are written' test -e $prom
mkdir -p $prom
check 'metrics are written' inside systemctl start wgctl-metrics.service
check 'with those of the tunnel' grep -qF 'wg_peers{interface="sys0"} 1' $prom/wg.prom
same 'for everybody to read, and nothing else is left there' \
	"$(cd $prom && stat -c '%a %n' ./*)" '644 ./wg.prom'
rm $prom/wg.prom
check 'their timer is started' inside systemctl start wgctl-metrics.timer
check 'which has them written again' wait_for 60 test -e $prom/wg.prom
inside systemctl stop wgctl-metrics.timer

check 'the tunnel is stopped' inside systemctl stop wgctl@sys0
refuse 'it is gone' ip link show sys0
refuse 'and so is its timer' is_active wgctl-resolve@sys0.timer
refuse 'names of a stopped tunnel are not looked up' inside systemctl start wgctl-resolve@sys0

echo 'PostUp = false' >> /etc/wireguard/sys0.conf
sed -i 's/^\[Peer\]/PostUp = false\n&/; $d' /etc/wireguard/sys0.conf
refuse 'a tunnel that fails is not started' inside systemctl start wgctl@sys0
refuse 'and leaves nothing behind' ip link show sys0
check 'the unit has failed' inside systemctl -q is-failed wgctl@sys0
kill -KILL "$first" # with all that it has started
[ "$failures" = 0 ] || cat "$T/systemd.log"
finish
