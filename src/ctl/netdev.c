// SPDX-License-Identifier: GPL-2.0
#include "ctl/netdev.h"

#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/suspend.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "core/device.h"
#include "core/peer.h"
#include "ctl/ethtool.h"
#include "ctl/until.h"
#include "path/path.h"
#include "path/tx.h"
#include "path/udp.h"
#include "proto/wire.h"

/* Outer headers, IPv6 being the longer: address, ports, ours and the tag. */
#define OVERHEAD (sizeof(struct ipv6hdr) + sizeof(struct udphdr) + \
		  sizeof(struct wg_message_data) + WG_TAG_SIZE)

/*
 * A whole inner GSO packet must fit in one outer UDP GSO packet of 64 KiB:
 * 45 segments of 1,420 bytes with 60 bytes of overhead each.
 */
#define GSO_SIZE_MAX 62000

#define FEATURES (NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_SG | \
		  NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA)

static LIST_HEAD(devices); /* struct wg_device.node; rtnl */
static atomic64_t last_device_id;
static bool is_asleep; /* or about to be: no device runs; rtnl */

struct net *wg_netdev_birth_net_get(struct wg_device *wg)
{
	struct net *net;

	rcu_read_lock();
	net = rcu_dereference(wg->net);
	if (net)
		net = maybe_get_net(net);
	rcu_read_unlock();
	return net;
}

/* A port that was chosen for us may be another one next time. */
static int bind_sockets(struct wg_device *wg)
{
	struct net *net = wg_netdev_birth_net_get(wg);
	struct wg_udp_sockets sockets;
	int err;

	if (!net)
		return -ENONET;
	if (!wg->listen_port)
		wg->is_port_chosen = true;
	err = wg_udp_bind(wg, net, &wg->bound, wg->listen_port, &sockets);
	if (err == -EADDRINUSE && wg->is_port_chosen)
		err = wg_udp_bind(wg, net, &wg->bound, 0, &sockets);
	put_net(net);
	if (err)
		return err;
	wg_udp_replace_locked(wg, &sockets);
	return 0;
}

/*
 * There is no link layer: no redirects, which would send peers past us to
 * addresses that only we reach, and no link-local address made from nothing.
 * A redirect is sent if either the device or "all" allows it.
 */
static void set_up_addresses(struct net_device *dev)
{
	struct in_device *in4 = __in_dev_get_rtnl(dev);
	struct inet6_dev *in6 = __in6_dev_get(dev);

	if (in4) {
		IN_DEV_CONF_SET(in4, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	if (in6)
		in6->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
}

/* Let all of a device that has its sockets move. config_lock held. */
static void run(struct wg_device *wg)
{
	struct wg_peer *peer;

	wg->is_running = true;
	wg_for_each_peer(peer, wg) {
		wg_until_look_locked(wg, wg_peer_settle_locked(peer));
		wg_peer_start_locked(peer);
	}
	/* last: a handshake that came already needs its peer to be started */
	wg_path_start(wg);
}

/* Nothing moves any more, and no session is left. config_lock held. */
static void rest(struct wg_device *wg)
{
	struct wg_peer *peer;

	if (!wg->is_running)
		return;
	wg->is_running = false;
	wg_for_each_peer(peer, wg)
		wg_peer_stop_locked(peer);
	wg_path_stop(wg);
}

/* The sockets go, and what waits to be sent is dropped. config_lock held. */
static void shut(struct wg_device *wg)
{
	struct wg_udp_sockets none = {};
	struct wg_peer *peer;

	wg_udp_replace_locked(wg, &none);
	rest(wg);
	wg_for_each_peer(peer, wg)
		wg_txq_purge(peer, WG_DROP_OTHER_PEER_GONE);
}

static int device_open(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	int err;

	set_up_addresses(dev);
	mutex_lock(&wg->config_lock);
	err = bind_sockets(wg);
	if (!err && !is_asleep)
		run(wg);
	mutex_unlock(&wg->config_lock);
	return err;
}

static int device_stop(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);

	mutex_lock(&wg->config_lock);
	shut(wg);
	mutex_unlock(&wg->config_lock);
	return 0;
}

static int device_init(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	int err;

	err = wg_device_init(wg);
	if (err)
		return err;
	err = wg_path_init(wg);
	if (err) {
		wg_device_uninit(wg);
		return err;
	}
	INIT_DELAYED_WORK(&wg->until_work, wg_until_work);
	list_add_tail(&wg->node, &devices);
	return 0;
}

static void device_uninit(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);

	list_del(&wg->node);
	mutex_lock(&wg->config_lock);
	wg_device_remove_peers_locked(wg);
	mutex_unlock(&wg->config_lock);
	cancel_delayed_work_sync(&wg->until_work);
	wg_path_uninit(wg);
	pr_debug("%s: Interface destroyed\n", dev->name);
}

/* After the last reference: until then somebody may read statistics. */
static void device_destructor(struct net_device *dev)
{
	wg_device_uninit(netdev_priv(dev));
}

/*
 * As in the kernel's own driver: packets of the stack that cannot be sent, and
 * those of an authentic peer that may not be. By reason alone is counted what a
 * stranger sends, or sends again, what finds no memory, and what is for a peer
 * that is off. A reason of both directions counts for its usual one: a packet too
 * long to be sent, which takes an MTU of 64 KiB, as an rx error; what a device
 * that goes down has received but not delivered, as a tx drop.
 */
static void add_drops(struct rtnl_link_stats64 *stats,
		      enum wg_drop_reason reason, u64 packets)
{
	switch (reason) {
	case WG_DROP_NOT_IP:
	case WG_DROP_NO_PEER:
	case WG_DROP_NO_ENDPOINT:
	case WG_DROP_NO_ROUTE:
	case WG_DROP_SEND_LOOP:
	case WG_DROP_BAD_SEGMENTS:
		stats->tx_errors += packets;
		break;
	case WG_DROP_STAGED_FULL:
	case WG_DROP_STAGED_STALE:
	case WG_DROP_OTHER_PEER_GONE:
	case WG_DROP_DEVICE_DOWN:
		stats->tx_dropped += packets;
		break;
	case WG_DROP_INNER_LENGTH:
		stats->rx_errors += packets;
		stats->rx_length_errors += packets;
		break;
	case WG_DROP_BAD_INNER:
	case WG_DROP_SOURCE_NOT_ALLOWED:
	case WG_DROP_BAD_ECN:
		stats->rx_errors += packets;
		stats->rx_frame_errors += packets;
		break;
	default:
		break;
	}
}

static void device_stats(struct net_device *dev,
			 struct rtnl_link_stats64 *stats)
{
	const struct wg_device *wg = netdev_priv(dev);
	struct wg_counters counters;
	enum wg_drop_reason reason;

	wg_device_sum_counters(wg, &counters);
	stats->rx_packets = counters.rx_packets;
	stats->rx_bytes = counters.rx_bytes;
	stats->tx_packets = counters.tx_packets;
	stats->tx_bytes = counters.tx_bytes;
	for (reason = WG_DROP_NONE + 1; reason < WG_DROP_END; reason++)
		add_drops(stats, reason, wg_drop_sum(wg, reason));
}

static const struct net_device_ops device_ops = {
	.ndo_init = device_init,
	.ndo_uninit = device_uninit,
	.ndo_open = device_open,
	.ndo_stop = device_stop,
	.ndo_start_xmit = wg_tx_xmit,
	.ndo_get_stats64 = device_stats,
};

/* What udev and its kin match devices by: the name of the kind. */
static const struct device_type device_type = { .name = "wg" };
static const struct device_type compat_type = { .name = "wireguard" };

void wg_netdev_setup(struct net_device *dev)
{
	dev->netdev_ops = &device_ops;
	dev->ethtool_ops = &wg_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->needed_headroom = WG_UDP_HEADROOM +
			       sizeof(struct wg_message_data);
	dev->needed_tailroom = WG_PAD_SIZE - 1 + WG_TAG_SIZE;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->features |= FEATURES;
	dev->hw_features |= FEATURES;
	dev->hw_enc_features |= FEATURES;
	WG_COMPAT_SET_LLTX(dev);
	dev->mtu = ETH_DATA_LEN - OVERHEAD;
	/* an inner packet has 64 KiB at most; a larger MTU does no harm */
	dev->max_mtu = round_down(INT_MAX, WG_PAD_SIZE) - OVERHEAD;
	dev->needs_free_netdev = true;
	dev->priv_destructor = device_destructor;
	/* who sent a packet that is refused is told by its route */
	netif_keep_dst(dev);
	netif_set_tso_max_size(dev, GSO_SIZE_MAX);
	netdev_lockdep_set_classes(dev);
	SET_NETDEV_DEVTYPE(dev, &device_type);
}

static void setup_compat(struct net_device *dev)
{
	wg_netdev_setup(dev);
	SET_NETDEV_DEVTYPE(dev, &compat_type);
}

/* Was a device ever made there? By number of net_ops; rtnl. */
static unsigned int had_device_id;

static bool *had_device(struct net *net)
{
	return net_generic(net, had_device_id);
}

int wg_netdev_create(struct net_device *dev, struct net *net)
{
	struct wg_device *wg = netdev_priv(dev);
	int err;

	wg->dev = dev;
	wg->id = atomic64_inc_return(&last_device_id);
	rcu_assign_pointer(wg->net, net);
	*had_device(net) = true;
	err = register_netdevice(dev);
	if (!err)
		pr_debug("%s: Interface created\n", dev->name);
	return err;
}

static int new_link(struct net_device *dev, struct rtnl_newlink_params *params,
		    struct netlink_ext_ack *extack)
{
	return wg_netdev_create(dev, rtnl_newlink_link_net(params));
}

WG_COMPAT_NEWLINK(newlink, new_link)

static struct rtnl_link_ops link_ops = {
	.kind = "wg",
	.priv_size = sizeof(struct wg_device),
	.setup = wg_netdev_setup,
	.newlink = newlink,
};

static struct rtnl_link_ops compat_link_ops = {
	.kind = "wireguard",
	.priv_size = sizeof(struct wg_device),
	.setup = setup_compat,
	.newlink = newlink,
};

bool wg_netdev_is_ours(const struct net_device *dev)
{
	return dev->netdev_ops == &device_ops;
}

/* The device outlives its namespace of birth, but will never send again. */
static void orphan(struct wg_device *wg)
{
	netif_carrier_off(wg->dev);
	mutex_lock(&wg->config_lock);
	rcu_assign_pointer(wg->net, NULL);
	shut(wg);
	mutex_unlock(&wg->config_lock);
}

/* Most namespaces end without ever having had a device: at no cost. */
static void __net_exit net_pre_exit(struct net *net)
{
	struct wg_device *wg;

	if (!*had_device(net))
		return;
	rtnl_lock();
	list_for_each_entry(wg, &devices, node)
		if (rcu_access_pointer(wg->net) == net)
			orphan(wg);
	rtnl_unlock();
	/* sessions keep routes whose operations are part of @net */
	rcu_barrier();
}

static struct pernet_operations net_ops = {
	.pre_exit = net_pre_exit,
	.id = &had_device_id,
	.size = sizeof(bool),
};

/* One way of bringing all devices to another state. config_lock is held. */
static void for_all(void (*change)(struct wg_device *wg))
{
	struct wg_device *wg;

	ASSERT_RTNL();
	list_for_each_entry(wg, &devices, node) {
		mutex_lock(&wg->config_lock);
		change(wg);
		mutex_unlock(&wg->config_lock);
	}
}

/* Sessions are freed, and their keys wiped, by RCU. */
void wg_netdev_sleep(void)
{
	rtnl_lock();
	is_asleep = true;
	for_all(rest);
	rtnl_unlock();
	rcu_barrier();
}

static void run_again(struct wg_device *wg)
{
	/* timers have slept, also where all else has not */
	wg_until_look_locked(wg, 0);
	if (wg_udp_is_open(wg) && !wg->is_running)
		run(wg);
}

void wg_netdev_wake(void)
{
	rtnl_lock();
	is_asleep = false;
	for_all(run_again);
	rtnl_unlock();
}

/*
 * From before processes are frozen until they run again, so that no handshake
 * makes a session in between. Where the system sleeps by itself all the time,
 * as telephones do, that would mean a handshake at every turn; an image on a
 * disk is another matter.
 */
static int pm_event(struct notifier_block *block, unsigned long action,
		    void *data)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
		if (IS_ENABLED(CONFIG_PM_AUTOSLEEP) ||
		    IS_ENABLED(CONFIG_PM_USERSPACE_AUTOSLEEP))
			break;
		fallthrough;
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		wg_netdev_sleep();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		wg_netdev_wake();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_block = { .notifier_call = pm_event };

/* Two machines with the same keys and counters: none may use them again. */
static int vmfork_event(struct notifier_block *block, unsigned long action,
			void *data)
{
	rtnl_lock();
	for_all(wg_device_expire_sessions_locked);
	rtnl_unlock();
	rcu_barrier();
	return NOTIFY_DONE;
}

static struct notifier_block vmfork_block = { .notifier_call = vmfork_event };

int __init wg_netdev_register(bool is_compat)
{
	int err;

	err = register_pm_notifier(&pm_block);
	if (err)
		return err;
	err = register_random_vmfork_notifier(&vmfork_block);
	if (err)
		goto err_pm;
	err = register_pernet_device(&net_ops);
	if (err)
		goto err_vmfork;
	err = rtnl_link_register(&link_ops);
	if (err)
		goto err_pernet;
	err = is_compat ? rtnl_link_register(&compat_link_ops) : 0;
	if (err)
		goto err_link;
	return 0;

err_link:
	rtnl_link_unregister(&link_ops);
err_pernet:
	unregister_pernet_device(&net_ops);
err_vmfork:
	unregister_random_vmfork_notifier(&vmfork_block);
err_pm:
	unregister_pm_notifier(&pm_block);
	return err;
}

void wg_netdev_unregister(bool is_compat)
{
	if (is_compat)
		rtnl_link_unregister(&compat_link_ops);
	rtnl_link_unregister(&link_ops);
	unregister_pernet_device(&net_ops);
	unregister_random_vmfork_notifier(&vmfork_block);
	unregister_pm_notifier(&pm_block);
}
