// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/file.h"
#include "netlink/link.h"
#include "netlink/nl.h"
#include "quick/save.h"

int save_lock(const char *path, struct fault *fault)
{
	char *directory = file_directory(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	if (fd >= 0 && !flock(fd, LOCK_EX))
		return fd;
	fault_errno(fault, -errno, "cannot lock the directory of '%s'", path);
	if (fd >= 0)
		close(fd);
	return fault->code;
}

static int merge_file(const struct setup *setup, const struct tunnel *now,
		      const struct allowed_ips *addresses, uint32_t mark,
		      struct fault *fault)
{
	struct conf *conf = conf_load(setup->path, fault);
	int ret;

	if (!conf)
		return fault->code;
	ret = save_merge(conf, now, addresses, mark, fault) ?:
	      conf_replace(conf, setup->path, fault);
	conf_free(conf);
	return ret;
}

static int save_locked(const struct setup *setup, struct nl_talk *rtnl,
		       const struct state *state, struct fault *fault)
{
	struct tunnel *now = nl_get(setup->name, fault);
	struct allowed_ips addresses = { 0 };
	struct nl_link link;
	int ret;

	if (!now)
		return fault->code;
	ret = nl_find_link(&link, setup->name, fault) ?:
	      rtnl_addresses(rtnl, link.ifindex, &addresses, fault) ?:
	      merge_file(setup, now, &addresses, state->mark, fault);
	free(addresses.items);
	tunnel_free(now);
	return ret;
}

/* Who has the lock may be removing a peer, which must not come back from here. */
int save_tunnel(const struct setup *setup, struct nl_talk *rtnl,
		const struct state *state, struct fault *fault)
{
	int lock = save_lock(setup->path, fault), ret;

	if (lock < 0)
		return lock;
	ret = save_locked(setup, rtnl, state, fault);
	close(lock);
	return ret;
}
