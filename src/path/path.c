// SPDX-License-Identifier: GPL-2.0
#include "path/path.h"

#include <linux/slab.h>

#include "core/device.h"
#include "path/coalesce.h"
#include "path/gso.h"
#include "path/merge.h"

void wg_path_register(void)
{
	wg_coalesce_register();
}

void wg_path_unregister(void)
{
	wg_coalesce_unregister();
	wg_merge_unregister();
	wg_gso_unregister();
}

int wg_path_init(struct wg_device *wg)
{
	unsigned int i;
	int err;

	wg->path = kvzalloc(sizeof(*wg->path), GFP_KERNEL);
	if (!wg->path)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(wg->path->intakes); i++)
		wg_intake_init(&wg->path->intakes[i], wg);
	wg_hs_init(&wg->path->hs, wg);
	err = wg_rx_init(&wg->path->rx, wg);
	if (err)
		kvfree(wg->path);
	return err;
}

void wg_path_uninit(struct wg_device *wg)
{
	wg_rx_uninit(&wg->path->rx);
	kvfree(wg->path);
	wg->path = NULL;
}

static void set_open(struct wg_device *wg, bool is_open)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wg->path->intakes); i++)
		wg_intake_set_open(&wg->path->intakes[i], is_open);
}

void wg_path_start(struct wg_device *wg)
{
	wg_rx_start(&wg->path->rx);
	set_open(wg, true);
	/* for what the sockets have got already */
	wg_udp_wake_locked(wg);
}

void wg_path_stop(struct wg_device *wg)
{
	set_open(wg, false);
	wg_rx_stop(&wg->path->rx);
	wg_hs_stop(&wg->path->hs);
}
