// SPDX-License-Identifier: GPL-2.0
#include "quick/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names[SYSCTLS] = {
	[SYSCTL_VALID_MARK] = "net.ipv4.conf.all.src_valid_mark",
	[SYSCTL_FORWARD4] = "net.ipv4.ip_forward",
	[SYSCTL_FORWARD6] = "net.ipv6.conf.all.forwarding",
};

const char *sysctl_name(enum sysctl_id id)
{
	return names[id];
}

static int open_sysctl(enum sysctl_id id, int flags)
{
	char path[80], *dot;

	snprintf(path, sizeof(path), "/proc/sys/%s", names[id]);
	for (dot = path; (dot = strchr(dot, '.')); )
		*dot = '/';
	return open(path, flags | O_CLOEXEC);
}

bool sysctl_is_off(enum sysctl_id id)
{
	int fd = open_sysctl(id, O_RDONLY);
	char value = 0;
	bool is_off;

	is_off = fd >= 0 && read(fd, &value, 1) == 1 && value == '0';
	if (fd >= 0)
		close(fd);
	return is_off;
}

int sysctl_set(enum sysctl_id id, bool on, struct fault *fault)
{
	int fd = open_sysctl(id, O_WRONLY), ret = 0;

	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	return ret ? fault_set(fault, ret, "%s", strerror(-ret)) : 0;
}
