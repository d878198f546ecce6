// SPDX-License-Identifier: GPL-2.0
#include "quick/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/section.h"
#include "lib/secret.h"
#include "model/key.h"

static int put_list(struct conf_range *range, enum conf_key key,
		    const struct allowed_ips *ips, struct fault *fault)
{
	char *text = ips_text(ips);
	int ret;

	ret = conf_put(range, key, ips->count ? text : NULL, fault);
	free(text);
	return ret;
}

static int put_key(struct conf_range *range, enum conf_key key,
		   const uint8_t *value, struct fault *fault)
{
	char text[KEY_TEXT_MAX];
	int ret;

	key_text(value, text);
	ret = conf_put(range, key, key_is_zero(value) ? NULL : text, fault);
	wipe(text, sizeof(text));
	return ret;
}

static int put_number(struct conf_range *range, enum conf_key key,
		      const char *format, uint32_t number, struct fault *fault)
{
	char text[16];

	snprintf(text, sizeof(text), format, number);
	return conf_put(range, key, number ? text : NULL, fault);
}

static bool same_endpoint(const struct peer *old, const struct peer *now)
{
	char was[ENDPOINT_TEXT_MAX], is[ENDPOINT_TEXT_MAX];

	if (endpoint_has_name(&old->endpoint) || !(now->has & PEER_HAS_ENDPOINT))
		return true;
	if (!(old->has & PEER_HAS_ENDPOINT))
		return false;
	snprintf(was, sizeof(was),
		 strchr(old->endpoint.host, ':') ? "[%.64s]:%.32s" :
						   "%.64s:%.32s",
		 old->endpoint.host, old->endpoint.port);
	return !strcmp(was, endpoint_text(&now->endpoint, is));
}

static bool same_name(const struct peer *old, const struct peer *now)
{
	return !now->name[0] || !strcmp(old->name, now->name);
}

static bool same_switches(const struct peer *old, const struct peer *now)
{
	return old->is_disabled == now->is_disabled &&
	       old->until_s == now->until_s;
}

static int put_flag(struct conf_range *range, enum conf_key key, bool value,
		    struct fault *fault)
{
	return conf_put(range, key, value ? "true" : NULL, fault);
}

static int put_switches(struct conf_range *range, const struct peer *peer,
			struct fault *fault)
{
	char text[UNTIL_TEXT_MAX];

	return put_flag(range, CONF_DISABLED, peer->is_disabled, fault) ?:
	       conf_put(range, CONF_UNTIL, until_text(peer->until_s, text),
			fault);
}

static bool same_peer(const struct peer *old, const struct peer *now)
{
	return ips_equal(&old->ips, &now->ips) && same_endpoint(old, now) &&
	       same_name(old, now) && key_equal(old->psk, now->psk) &&
	       old->keepalive_s == now->keepalive_s &&
	       same_switches(old, now);
}

static int merge_peer(struct conf *conf, const struct peer *old,
		      const struct peer *now, struct fault *fault)
{
	char text[ENDPOINT_TEXT_MAX];
	struct conf_range range = { 0 };
	int ret = 0;

	if (!conf_find_peer(conf, now->public_key, &range))
		return conf_append_peer(conf, now, fault);
	if (!same_name(old, now))
		ret = conf_put(&range, CONF_NAME, now->name, fault);
	if (!ret && !same_switches(old, now))
		ret = put_switches(&range, now, fault);
	if (!ret && !key_equal(old->psk, now->psk))
		ret = put_key(&range, CONF_PRESHARED_KEY, now->psk, fault);
	if (!ret && !ips_equal(&old->ips, &now->ips))
		ret = put_list(&range, CONF_ALLOWED_IPS, &now->ips, fault);
	if (!ret && !same_endpoint(old, now))
		ret = conf_put(&range, CONF_ENDPOINT,
			       endpoint_text(&now->endpoint, text), fault);
	if (!ret && old->keepalive_s != now->keepalive_s)
		ret = put_number(&range, CONF_PERSISTENT_KEEPALIVE, "%u",
				 now->keepalive_s, fault);
	return ret;
}

static int merge_present(struct conf *conf, const struct tunnel *old,
			 const struct tunnel *now, struct fault *fault)
{
	struct peer **sorted = tunnel_sorted_by_key(old);
	int ret = 0;
	size_t i;

	for (i = 0; i < now->peer_count && !ret; i++) {
		const struct peer *peer = now->peers[i], *was;

		was = tunnel_search(sorted, old->peer_count, peer->public_key);
		if (!was)
			ret = conf_append_peer(conf, peer, fault);
		else if (!same_peer(was, peer))
			ret = merge_peer(conf, was, peer, fault);
	}
	free(sorted);
	return ret;
}

static void remove_absent(const struct peer *old, const struct peer *now,
			  void *conf)
{
	if (!now)
		conf_remove_peer(conf, old->public_key);
}

static int merge_interface(struct conf *conf, const struct tunnel *old,
			   const struct tunnel *now, uint32_t mark,
			   struct fault *fault)
{
	char bind[BIND_TEXT_MAX];
	struct conf_range range;
	int ret = 0;

	if (!conf_interface(conf, &range)) {
		range = (struct conf_range){ conf, 0, 1 };
		ret = conf_insert(conf, 0, "[Interface]", fault);
	}
	if (!ret && !key_equal(old->private_key, now->private_key))
		ret = put_key(&range, CONF_PRIVATE_KEY, now->private_key,
			      fault);
	if (!ret && old->listen_port != now->listen_port)
		ret = put_number(&range, CONF_LISTEN_PORT, "%u",
				 now->listen_port, fault);
	/* a mark that `up` chose is chosen anew each time */
	if (!ret && old->fwmark != now->fwmark &&
	    (old->has & TUNNEL_HAS_FWMARK || now->fwmark != mark))
		ret = put_number(&range, CONF_FWMARK, "0x%x", now->fwmark,
				 fault);
	if (!ret && old->is_exclusive != now->is_exclusive)
		ret = put_flag(&range, CONF_EXCLUSIVE, now->is_exclusive,
			       fault);
	if (!ret && !bind_equal(&old->bind, &now->bind))
		ret = conf_put(&range, CONF_BIND, bind_text(&now->bind, bind),
			       fault);
	return ret;
}

/* Host bits matter here, order does not. */
static bool same_addresses(const struct allowed_ips *a,
			   const struct allowed_ips *b)
{
	size_t i = 0;

	while (i < a->count && ips_have(b, &a->items[i]))
		i++;
	return i == a->count && a->count == b->count;
}

static int merge_addresses(struct conf *conf,
			   const struct allowed_ips *addresses,
			   struct fault *fault)
{
	struct setup old = { 0 };
	struct conf_range range;
	int ret;

	ret = setup_read(&old, conf, fault);
	if (!ret && !same_addresses(&old.addresses, addresses) &&
	    conf_interface(conf, &range))
		ret = put_list(&range, CONF_ADDRESS, addresses, fault);
	setup_clear(&old);
	return ret;
}

/*
 * Several sections of one peer are one peer. They are taken out, to be
 * written as one; false: there are none.
 */
static bool join_repeated(struct conf *conf, const struct tunnel *old)
{
	struct peer **sorted = tunnel_sorted_by_key(old);
	bool has_some = false;
	size_t i;

	for (i = 1; i < old->peer_count; i++) {
		const uint8_t *key = sorted[i]->public_key;

		if (!key_equal(key, sorted[i - 1]->public_key))
			continue;
		has_some = true;
		while (conf_remove_peer(conf, key))
			;
	}
	free(sorted);
	return has_some;
}

/* What the file says, with each peer once. */
static struct tunnel *read_old(struct conf *conf, struct fault *fault)
{
	struct tunnel *old = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, fault);

	if (!old || !join_repeated(conf, old))
		return old;
	tunnel_free(old);
	return conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, fault);
}

int save_merge(struct conf *conf, const struct tunnel *now,
	       const struct allowed_ips *addresses, uint32_t mark,
	       struct fault *fault)
{
	struct tunnel *old = read_old(conf, fault);
	int ret;

	if (!old)
		return fault->code;
	tunnel_each_pair(old, now, remove_absent, conf);
	ret = merge_present(conf, old, now, fault) ?:
	      merge_interface(conf, old, now, mark, fault);
	if (!ret && addresses)
		ret = merge_addresses(conf, addresses, fault);
	tunnel_free(old);
	return ret;
}
