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
	int err;

	wg->path = kvzalloc(sizeof(*wg->path), GFP_KERNEL);
	if (!wg->path)
		return -ENOMEM;
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

void wg_path_start(struct wg_device *wg)
{
	wg_rx_start(&wg->path->rx);
}

void wg_path_stop(struct wg_device *wg)
{
	wg_rx_stop(&wg->path->rx);
	wg_hs_stop(&wg->path->hs);
}
