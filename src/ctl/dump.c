// SPDX-License-Identifier: GPL-2.0
#include "ctl/dump.h"

#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include <uapi/linux/wg.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/drop.h"
#include "core/peer.h"

/* What of a peer is guarded by its lock, as of one moment. */
struct peer_state {
	struct wg_endpoint endpoint;
	struct wg_counters counters;
	struct wg_last heard;
	struct wg_last sent;
	struct timespec64 last_handshake;
	u16 keepalive_s;
};

static void read_state(struct wg_peer *peer, struct peer_state *state)
{
	spin_lock_bh(&peer->lock);
	state->endpoint = peer->endpoint;
	state->counters = peer->counters;
	state->heard = peer->heard;
	state->sent = peer->sent;
	state->last_handshake = peer->last_handshake;
	state->keepalive_s = peer->timers.persistent_s;
	spin_unlock_bh(&peer->lock);
}

static bool put_endpoint(struct sk_buff *skb, int type,
			 const struct wg_endpoint *endpoint)
{
	unsigned int len = wg_endpoint_len(endpoint);

	return !len || !nla_put(skb, type, len, &endpoint->addr);
}

static bool put_time(struct sk_buff *skb, int type,
		     const struct timespec64 *time)
{
	struct __kernel_timespec value = {
		.tv_sec = time->tv_sec,
		.tv_nsec = time->tv_nsec,
	};

	return !nla_put(skb, type, sizeof(value), &value);
}

/* Wall clock time of what was @then_ns by the clock of timers. */
static bool put_clock_time(struct sk_buff *skb, int type, u64 then_ns)
{
	u64 age_ns = wg_clock_now_ns() - then_ns;
	struct timespec64 time = ns_to_timespec64(ktime_get_coarse_real_ns() -
						  age_ns);

	return put_time(skb, type, &time);
}

static bool put_refusal(struct sk_buff *skb, int type, struct wg_device *wg,
			const struct wg_refusal *noted)
{
	struct wg_refusal refusal;
	struct nlattr *nest;

	spin_lock_bh(&wg->refusals.lock);
	refusal = *noted;
	spin_unlock_bh(&wg->refusals.lock);
	if (!refusal.time_ns)
		return true;
	nest = nla_nest_start(skb, type);
	if (!nest ||
	    nla_put_string(skb, WG_REFUSAL_A_REASON,
			   wg_drop_name(refusal.reason)) ||
	    !put_clock_time(skb, WG_REFUSAL_A_TIME, refusal.time_ns) ||
	    !put_endpoint(skb, WG_REFUSAL_A_ADDRESS, &refusal.about) ||
	    nla_put(skb, WG_REFUSAL_A_PUBLIC_KEY, WG_KEY_LEN,
		    refusal.public_key))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

/* Return: whether all that are left fitted; if not, @dump knows the next. */
static bool put_refusals(struct wg_dump *dump, struct sk_buff *skb,
			 struct wg_device *wg)
{
	const unsigned int reserve = 192; /* more than one takes */
	const unsigned int all = WG_REFUSAL_ROWS * WG_REFUSALS_KEPT;
	unsigned int n;

	for (; dump->refusals < all; dump->refusals++) {
		n = dump->refusals;
		if (skb_tailroom(skb) < reserve ||
		    !put_refusal(skb, WG_DEVICE_A_REFUSALS, wg,
				 &wg->refusals.kept[n / WG_REFUSALS_KEPT]
						   [n % WG_REFUSALS_KEPT]))
			return false;
	}
	return true;
}

static bool put_last(struct sk_buff *skb, int type, const struct wg_last *last)
{
	struct nlattr *nest;

	if (!last->message)
		return true;
	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_string(skb, WG_LAST_A_MESSAGE, last->message) ||
	    !put_clock_time(skb, WG_LAST_A_TIME, last->time_ns))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_drop(struct sk_buff *skb, int type,
		     enum wg_drop_reason reason, u64 packets)
{
	struct nlattr *nest;

	if (!packets)
		return true;
	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_string(skb, WG_DROP_A_REASON,
				    wg_drop_name(reason)) ||
	    nla_put_u64_64bit(skb, WG_DROP_A_PACKETS, packets, WG_DROP_A_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_counters(struct sk_buff *skb, int type,
			 const struct wg_counters *counters)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, WG_COUNTER_A_RX_PACKETS,
			      counters->rx_packets, WG_COUNTER_A_PAD) ||
	    nla_put_u64_64bit(skb, WG_COUNTER_A_RX_BYTES,
			      counters->rx_bytes, WG_COUNTER_A_PAD) ||
	    nla_put_u64_64bit(skb, WG_COUNTER_A_TX_PACKETS,
			      counters->tx_packets, WG_COUNTER_A_PAD) ||
	    nla_put_u64_64bit(skb, WG_COUNTER_A_TX_BYTES,
			      counters->tx_bytes, WG_COUNTER_A_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_keys(struct sk_buff *skb, struct wg_device *wg)
{
	bool is_put;

	down_read(&wg->local_lock);
	is_put = !wg->local.has_key ||
		 (!nla_put(skb, WG_DEVICE_A_PRIVATE_KEY, WG_KEY_LEN,
			   wg->local.private_key) &&
		  !nla_put(skb, WG_DEVICE_A_PUBLIC_KEY, WG_KEY_LEN,
			   wg->local.public_key));
	up_read(&wg->local_lock);
	return is_put;
}

static bool put_device_counts(struct sk_buff *skb, struct wg_device *wg)
{
	struct wg_counters counters;
	enum wg_drop_reason reason;

	wg_device_sum_counters(wg, &counters);
	if (!put_counters(skb, WG_DEVICE_A_COUNTERS, &counters))
		return false;
	for (reason = WG_DROP_NONE + 1; reason < WG_DROP_END; reason++)
		if (!put_drop(skb, WG_DEVICE_A_DROPS, reason,
			      wg_drop_sum(wg, reason)))
			return false;
	return true;
}

static bool put_device_attrs(struct sk_buff *skb, struct wg_device *wg)
{
	if (nla_put_u16(skb, WG_DEVICE_A_LISTEN_PORT, wg->listen_port) ||
	    nla_put_u32(skb, WG_DEVICE_A_FWMARK, wg->fwmark) ||
	    nla_put_u32(skb, WG_DEVICE_A_IFINDEX, wg->dev->ifindex) ||
	    nla_put_string(skb, WG_DEVICE_A_IFNAME, wg->dev->name) ||
	    nla_put_u32(skb, WG_DEVICE_A_GENERATION, wg->generation) ||
	    nla_put_u32(skb, WG_DEVICE_A_PEER_COUNT, wg->peer_count) ||
	    nla_put_u64_64bit(skb, WG_DEVICE_A_IPS_MOVED, wg->ips_moved,
			      WG_DEVICE_A_PAD) ||
	    (wg->is_exclusive && nla_put_u8(skb, WG_DEVICE_A_EXCLUSIVE, 1)) ||
	    (*wg->bound.dev &&
	     nla_put_string(skb, WG_DEVICE_A_BIND_DEVICE, wg->bound.dev)) ||
	    (!ipv6_addr_any(&wg->bound.addr) &&
	     nla_put_in6_addr(skb, WG_DEVICE_A_BIND_ADDRESS, &wg->bound.addr)))
		return false;
	return put_keys(skb, wg) && put_device_counts(skb, wg);
}

static bool put_psk(struct sk_buff *skb, struct wg_peer *peer)
{
	bool is_put;

	mutex_lock(&peer->hs_lock);
	is_put = !nla_put(skb, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN,
			  peer->remote.psk);
	mutex_unlock(&peer->hs_lock);
	return is_put;
}

static bool put_peer_drops(struct sk_buff *skb, struct wg_peer *peer)
{
	const struct wg_peer_drops *drops = READ_ONCE(peer->drops);
	enum wg_drop_reason reason;

	if (!drops)
		return true;
	for (reason = WG_DROP_NONE + 1; reason < WG_DROP_PEER_END; reason++)
		if (!put_drop(skb, WG_PEER_A_DROPS, reason,
			      atomic_read(&drops->count[reason])))
			return false;
	return put_refusal(skb, WG_PEER_A_REFUSAL, peer->wg, &drops->last);
}

static bool put_peer_counts(struct sk_buff *skb, struct wg_peer *peer,
			    const struct peer_state *state)
{
	const struct wg_counters *counters = &state->counters;

	if (nla_put_u64_64bit(skb, WG_PEER_A_RX_BYTES, counters->rx_bytes,
			      WG_PEER_A_PAD) ||
	    nla_put_u64_64bit(skb, WG_PEER_A_TX_BYTES, counters->tx_bytes,
			      WG_PEER_A_PAD) ||
	    !put_counters(skb, WG_PEER_A_COUNTERS, counters))
		return false;
	return put_last(skb, WG_PEER_A_LAST_RECEIVED, &state->heard) &&
	       put_last(skb, WG_PEER_A_LAST_SENT, &state->sent) &&
	       put_peer_drops(skb, peer);
}

static bool put_peer(struct sk_buff *skb, struct wg_peer *peer)
{
	struct peer_state state;

	read_state(peer, &state);
	if (!put_psk(skb, peer) ||
	    !put_endpoint(skb, WG_PEER_A_ENDPOINT, &state.endpoint) ||
	    !put_time(skb, WG_PEER_A_LAST_HANDSHAKE_TIME,
		      &state.last_handshake) ||
	    nla_put_u16(skb, WG_PEER_A_PERSISTENT_KEEPALIVE,
			state.keepalive_s) ||
	    nla_put_u32(skb, WG_PEER_A_PROTOCOL_VERSION, 1))
		return false;
	if ((peer->is_disabled && nla_put_u8(skb, WG_PEER_A_DISABLED, 1)) ||
	    (peer->until_s &&
	     nla_put_u64_64bit(skb, WG_PEER_A_UNTIL, peer->until_s,
			       WG_PEER_A_PAD)) ||
	    (peer->name && *peer->name &&
	     nla_put_string(skb, WG_PEER_A_NAME, peer->name)))
		return false;
	return put_peer_counts(skb, peer, &state);
}

static bool put_ip(struct sk_buff *skb, const struct wg_allowed_ip *ip)
{
	unsigned int size = ip->family == AF_INET ? sizeof(ip->ip.v4) :
						    sizeof(ip->ip.v6);
	struct nlattr *nest = nla_nest_start(skb, 0);

	if (!nest)
		return false;
	if (nla_put_u8(skb, WG_ALLOWEDIP_A_CIDR_MASK, ip->cidr) ||
	    nla_put_u16(skb, WG_ALLOWEDIP_A_FAMILY, ip->family) ||
	    nla_put(skb, WG_ALLOWEDIP_A_IPADDR, size, &ip->ip)) {
		nla_nest_cancel(skb, nest);
		return false;
	}
	nla_nest_end(skb, nest);
	return true;
}

/*
 * A nest's length is of 16 bits: is there room for @reserve more when the
 * message is larger than that?
 */
static bool has_room(const struct sk_buff *skb, const struct nlattr *nest,
		     unsigned int reserve)
{
	return skb_tail_pointer(skb) - (const unsigned char *)nest <
	       U16_MAX - reserve;
}

static void go_on_with_ip(struct wg_dump *dump, const struct wg_allowed_ip *ip)
{
	dump->family = ip->family;
	dump->cidr = ip->cidr;
	memcpy(&dump->addr, &ip->ip, sizeof(dump->addr));
}

/*
 * Where to go on within @peer. If that allowed IP has gone, so is the place of
 * those behind it: they are left out, and the reader, who is told that there
 * was a change, begins again.
 */
static struct wg_allowed_ip *find_ip(const struct wg_dump *dump,
				     struct wg_peer *peer)
{
	struct wg_allowed_ip *ip;
	struct wg_trie_txn txn;

	if (!dump->family)
		return list_first_entry_or_null(&peer->allowed_ips,
						struct wg_allowed_ip, node);
	wg_trie_begin(&txn, &peer->wg->ips);
	ip = wg_trie_find(&txn, dump->family, &dump->addr, dump->cidr);
	wg_trie_abort(&txn);
	return ip && ip->peer == peer ? ip : NULL;
}

/* Return: whether all that are left fitted; if not, @dump knows the next. */
static bool put_ips(struct wg_dump *dump, struct sk_buff *skb,
		    struct wg_peer *peer, const struct nlattr *outermost)
{
	const unsigned int reserve = 64; /* more than one allowed IP takes */
	struct wg_allowed_ip *ip = find_ip(dump, peer);
	struct nlattr *nest;

	dump->family = 0;
	if (!ip)
		return true;
	nest = nla_nest_start(skb, WG_PEER_A_ALLOWEDIPS);
	list_for_each_entry_from(ip, &peer->allowed_ips, node) {
		if (!nest || !has_room(skb, outermost, reserve) ||
		    !put_ip(skb, ip)) {
			go_on_with_ip(dump, ip);
			break;
		}
	}
	if (nest)
		nla_nest_end(skb, nest);
	return !dump->family;
}

/*
 * One peer, or what is left of it: then only its key and further allowed IPs.
 * Return: whether all of it fitted. If not even its attributes did, nothing
 * of it is left in @skb.
 */
static bool put_peer_nest(struct wg_dump *dump, struct sk_buff *skb,
			  struct wg_peer *peer, const struct nlattr *outermost)
{
	struct nlattr *nest = nla_nest_start(skb, 0);
	bool is_whole;

	if (!nest)
		return false;
	if (nla_put(skb, WG_PEER_A_PUBLIC_KEY, WG_KEY_LEN,
		    peer->remote.public_key) ||
	    (!dump->family && !put_peer(skb, peer))) {
		nla_nest_cancel(skb, nest);
		return false;
	}
	is_whole = put_ips(dump, skb, peer, outermost);
	nla_nest_end(skb, nest);
	return is_whole;
}

/* Return: whether all that are left fitted; if not, @dump knows the next. */
static bool put_peers(struct wg_dump *dump, struct sk_buff *skb,
		      struct wg_device *wg)
{
	const unsigned int reserve = 4096; /* more than a peer takes */
	struct wg_peer *peer = dump->cursor.peer;
	struct nlattr *nest;

	if (!peer)
		return true;
	if (peer->id != dump->peer_id)
		dump->family = 0;
	nest = nla_nest_start(skb, WG_DEVICE_A_PEERS);
	while (nest && peer && has_room(skb, nest, reserve) &&
	       put_peer_nest(dump, skb, peer, nest))
		peer = wg_peer_next_locked(peer);
	if (nest)
		nla_nest_end(skb, nest);
	wg_peer_cursor_set_locked(&dump->cursor, wg, peer);
	dump->peer_id = peer ? peer->id : 0;
	return !peer;
}

int wg_dump_fill_locked(struct wg_dump *dump, struct sk_buff *skb,
			struct wg_device *wg)
{
	struct wg_peer *first = list_first_entry_or_null(&wg->peers,
							 struct wg_peer, node);
	unsigned int before = skb->len;

	lockdep_assert_held(&wg->config_lock);
	if (!dump->is_begun) {
		if (!wg_peer_cursor_set_locked(&dump->cursor, wg, first))
			return -EBUSY;
		if (!put_device_attrs(skb, wg))
			return -EMSGSIZE;
		dump->is_begun = true;
	}
	dump->is_done = put_refusals(dump, skb, wg) &&
			put_peers(dump, skb, wg);
	return skb->len > before + 2 * NLA_HDRLEN || dump->is_done ? 0 :
								    -EMSGSIZE;
}

void wg_dump_end(struct wg_dump *dump)
{
	wg_peer_cursor_end(&dump->cursor);
}
