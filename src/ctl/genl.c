// SPDX-License-Identifier: GPL-2.0
#include "ctl/genl.h"

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include <uapi/linux/wg.h>

#include "compat.h"
#include "core/device.h"
#include "ctl/change.h"
#include "ctl/dump.h"
#include "ctl/netdev.h"
#include "ctl/notify.h"
#include "ctl/parse.h"

/* The device that a request names, with a reference; or ERR_PTR. */
static struct net_device *lookup(struct net *net, struct nlattr **attrs,
				 struct netlink_ext_ack *extack)
{
	const struct nlattr *index = attrs[WG_DEVICE_A_IFINDEX];
	const struct nlattr *name = attrs[WG_DEVICE_A_IFNAME];
	struct net_device *dev;

	if (!index == !name) {
		NL_SET_ERR_MSG(extack,
			       "name the interface by either index or name");
		return ERR_PTR(-EBADR);
	}
	dev = index ? dev_get_by_index(net, nla_get_u32(index)) :
		      dev_get_by_name(net, nla_data(name));
	if (!dev) {
		NL_SET_ERR_MSG(extack, "no such interface");
		return ERR_PTR(-ENODEV);
	}
	if (!wg_netdev_is_ours(dev)) {
		NL_SET_ERR_MSG(extack, "interface is of another kind");
		dev_put(dev);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return dev;
}

static struct wg_dump **dump_of(struct netlink_callback *cb)
{
	return (struct wg_dump **)cb->ctx;
}

static int get_start(struct netlink_callback *cb)
{
	struct net_device *dev;
	struct wg_dump *dump;

	dev = lookup(sock_net(cb->skb->sk), genl_info_dump(cb)->attrs,
		     cb->extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (dump) {
		dump->ifindex = dev->ifindex;
		dump->device_id = ((struct wg_device *)netdev_priv(dev))->id;
	}
	dev_put(dev);
	*dump_of(cb) = dump;
	return dump ? 0 : -ENOMEM;
}

static int get_done(struct netlink_callback *cb)
{
	struct wg_dump *dump = *dump_of(cb);

	wg_dump_end(dump);
	kfree(dump);
	return 0;
}

/* One that is going away has lost its peers, or is about to. */
static int fill_attrs(struct sk_buff *skb, struct netlink_callback *cb,
		      struct wg_device *wg)
{
	int err = -ENODEV;

	mutex_lock(&wg->config_lock);
	if (wg->dev->reg_state == NETREG_REGISTERED) {
		/* not 0: that would mean that consistency does not matter */
		cb->seq = wg->generation ?: 1;
		err = wg_dump_fill_locked(*dump_of(cb), skb, wg);
	}
	mutex_unlock(&wg->config_lock);
	return err;
}

/* Whichever family was asked answers. */
static int fill_message(struct sk_buff *skb, struct netlink_callback *cb,
			struct wg_device *wg)
{
	void *header;
	int err;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, genl_info_dump(cb)->family,
			     NLM_F_MULTI, WG_CMD_GET_DEVICE);
	if (!header)
		return -EMSGSIZE;
	err = fill_attrs(skb, cb, wg);
	if (err) {
		genlmsg_cancel(skb, header);
		return err;
	}
	genl_dump_check_consistent(cb, header);
	genlmsg_end(skb, header);
	return skb->len;
}

static int get_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wg_dump *dump = *dump_of(cb);
	struct net_device *dev;
	struct wg_device *wg;
	int ret = -ENODEV;

	if (dump->is_done)
		return 0;
	dev = dev_get_by_index(sock_net(cb->skb->sk), dump->ifindex);
	if (!dev)
		return ret;
	wg = netdev_priv(dev);
	if (wg_netdev_is_ours(dev) && wg->id == dump->device_id)
		ret = fill_message(skb, cb, wg);
	dev_put(dev);
	return ret;
}

static int set_device(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *head = nlmsg_attrdata(info->nlhdr, GENL_HDRLEN);
	int len = nlmsg_attrlen(info->nlhdr, GENL_HDRLEN);
	struct net_device *dev;
	int err;

	dev = lookup(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(dev)) {
		wg_request_wipe(head, len);
		return PTR_ERR(dev);
	}
	err = wg_change_apply(netdev_priv(dev), head, len, info->extack);
	dev_put(dev);
	return err;
}

static const struct genl_ops ops[] = {
	{
		.cmd = WG_CMD_GET_DEVICE,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = get_start,
		.dumpit = get_dump,
		.done = get_done,
	},
	{
		.cmd = WG_CMD_SET_DEVICE,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = set_device,
	},
};

struct genl_family wg_genl_family __ro_after_init = {
	.name = WG_GENL_NAME,
	.version = WG_GENL_VERSION,
	.maxattr = WG_DEVICE_A_MAX,
	.policy = wg_device_policy,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = WG_CMD_SET_DEVICE + 1,
	.mcgrps = wg_notify_groups,
	.n_mcgrps = ARRAY_SIZE(wg_notify_groups),
	.netnsok = true,
	.parallel_ops = true, /* config_lock is all that they need */
	.module = THIS_MODULE,
};

/* The same under the in-tree module's name, but for the groups. */
static struct genl_family compat_family __ro_after_init;

int __init wg_genl_register(bool is_compat)
{
	int err;

	compat_family = wg_genl_family;
	strscpy(compat_family.name, "wireguard", sizeof(compat_family.name));
	compat_family.mcgrps = NULL;
	compat_family.n_mcgrps = 0;
	err = genl_register_family(&wg_genl_family);
	if (err || !is_compat)
		return err;
	err = genl_register_family(&compat_family);
	if (err)
		genl_unregister_family(&wg_genl_family);
	return err;
}

void wg_genl_unregister(bool is_compat)
{
	if (is_compat)
		genl_unregister_family(&compat_family);
	genl_unregister_family(&wg_genl_family);
}
