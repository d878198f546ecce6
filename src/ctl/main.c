// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include <uapi/linux/wg.h>

#include "core/peer.h"
#include "ctl/genl.h"
#include "ctl/netdev.h"
#include "path/path.h"

static bool compat;
module_param(compat, bool, 0444);
MODULE_PARM_DESC(compat,
		 "also answer to the names of the kernel's wireguard module");

/* Return: what modprobe does not take for "already loaded", as -EEXIST. */
static int __init report_taken(void)
{
	if (compat)
		pr_err("wg: compat=1, but the kernel's wireguard module is loaded; remove it first\n");
	else
		pr_err("wg: another module has the name wg\n");
	return -EBUSY;
}

static int __init wg_init(void)
{
	int err;

	err = wg_peer_register();
	if (err)
		return err;
	wg_path_register();
	/* before the first device, which may have something to tell */
	err = wg_genl_register(compat);
	if (err)
		goto err_path;
	err = wg_netdev_register(compat);
	if (err)
		goto err_genl;
	return 0;

err_genl:
	wg_genl_unregister(compat);
err_path:
	wg_path_unregister();
	wg_peer_unregister();
	return err == -EEXIST ? report_taken() : err;
}

static void __exit wg_exit(void)
{
	wg_netdev_unregister(compat);
	wg_genl_unregister(compat);
	wg_path_unregister();
	wg_peer_unregister();
	rcu_barrier(); /* callbacks of ours that are still under way */
}

module_init(wg_init);
module_exit(wg_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The wg authors");
MODULE_DESCRIPTION("Tunnel devices that speak the WireGuard protocol");
MODULE_VERSION(WG_VERSION);
MODULE_ALIAS_RTNL_LINK("wg");
MODULE_ALIAS_GENL_FAMILY(WG_GENL_NAME);
