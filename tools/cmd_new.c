// SPDX-License-Identifier: GPL-2.0
/* new: the first file of a server. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "key.h"
#include "setup.h"
#include "value.h"
#include "verb.h"

#define PORT "51820"

/*
 * A network that hardly anybody else has: 10.x.y.0/24, and a unique local
 * one of IPv6 (RFC 4193), both at random.
 */
static void choose_addresses(char *text, size_t room)
{
	uint8_t random[7];

	randombytes_buf(random, sizeof(random));
	snprintf(text, room,
		 "10.%u.%u.1/24, fd%02x:%02x%02x:%02x%02x::1/64",
		 random[0], random[1], random[2], random[3], random[4],
		 random[5], random[6]);
}

static void print_masquerade(FILE *to)
{
	fputs("PostUp = sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1\n"
	      "PostUp = nft 'table inet masquerade-%i { chain out { type nat hook postrouting priority 100; iifname \"%i\" oifname != \"%i\" masquerade; }; }'\n"
	      "PostDown = nft delete table inet masquerade-%i\n",
	      to);
}

static void print(struct verb_call *call, const uint8_t *key, FILE *to)
{
	const char *address = verb_option(call, "--address");
	const char *port = verb_option(call, "--port");
	char text[KEY_TEXT_MAX], chosen[128];

	choose_addresses(chosen, sizeof(chosen));
	fprintf(to, "[Interface]\n");
	if (verb_option(call, "--endpoint"))
		fprintf(to, "# UserEndpoint = %s\n",
			verb_option(call, "--endpoint"));
	fprintf(to, "Address = %s\nListenPort = %s\nPrivateKey = %s\n",
		address ? address : chosen, port ? port : PORT,
		key_text(key, text));
	if (verb_option(call, "--masquerade"))
		print_masquerade(to);
	wipe(text, sizeof(text));
}

/* What the options made must be a file that `up` takes. */
static int check(const char *text, size_t len, const char *name,
		 struct fault *fault)
{
	struct setup setup = { 0 };
	struct conf *conf = conf_parse(text, len, name, fault);
	int ret;

	snprintf(setup.name, sizeof(setup.name), "%s", name);
	if (conf)
		setup.tunnel = conf_to_tunnel(conf, CONF_WHOLE_TUNNEL, fault);
	ret = setup.tunnel ? setup_read(&setup, conf, fault) : fault->code;
	fault->file = NULL;
	fault->line = 0;
	conf_free(conf);
	setup_clear(&setup);
	return ret;
}

static int write_new(const char *path, const char *text, size_t len,
		     struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret = 0;

	if (fd < 0)
		return fault_set(fault, -errno, "cannot make '%s': %s", path,
				 strerror(errno));
	if (write(fd, text, len) != (ssize_t)len || fsync(fd))
		ret = fault_set(fault, -EIO, "cannot write '%s'", path);
	close(fd);
	if (ret)
		unlink(path);
	return ret;
}

static int make_file(struct verb_call *call, const char *path,
		     struct fault *fault)
{
	uint8_t key[WG_KEY_LEN];
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int ret;

	if (!to)
		return fault_set(fault, -ENOMEM, "out of memory");
	key_make_private(key);
	print(call, key, to);
	wipe(key, sizeof(key));
	fclose(to);
	ret = check(text, len, call->argv[0], fault);
	if (!ret)
		ret = write_new(path, text, len, fault);
	wipe(text, len);
	free(text);
	return ret;
}

int cmd_new(struct verb_call *call)
{
	struct fault fault = { 0 };
	char *path;
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	path = setup_new_path(call->argv[0], &fault);
	ret = path ? make_file(call, path, &fault) : fault.code;
	if (!ret) {
		out_begin(&call->out, NULL);
		out_string(&call->out, "tunnel", NULL, call->argv[0]);
		out_string(&call->out, "file", NULL, path);
		out_line(&call->out,
			 "made %s; next: 'wgctl up %s', 'wgctl user add NAME'",
			 path, call->argv[0]);
	}
	free(path);
	if (ret)
		return verb_fail(&fault);
	return verb_end(call);
}
