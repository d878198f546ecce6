// SPDX-License-Identifier: GPL-2.0
/* new: the first file of a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "cmd/verb.h"
#include "lib/file.h"
#include "lib/secret.h"
#include "model/key.h"
#include "model/print.h"
#include "quick/setup.h"
#include "user/user.h"

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

static void print(struct verb_call *call, const uint8_t *key, struct out *out)
{
	const char *address = verb_option(call, "--address");
	const char *port = verb_option(call, "--port");
	char chosen[128];

	choose_addresses(chosen, sizeof(chosen));
	out_line(out, "[Interface]");
	out_string(out, NULL, "# UserEndpoint", verb_option(call, "--endpoint"));
	out_string(out, NULL, "Address", address ? address : chosen);
	out_string(out, NULL, "ListenPort", port ? port : PORT);
	print_key(out, NULL, "PrivateKey", key);
	out_string(out, NULL, "# " SETUP_MASQUERADE,
		   verb_option(call, "--masquerade") ? "true" : NULL);
}

/* Each becomes a part of a line. */
static int check_options(struct verb_call *call, struct fault *fault)
{
	const char *endpoint = verb_option(call, "--endpoint");
	int ret = user_check_value(endpoint, fault) ?:
		  user_check_value(verb_option(call, "--address"), fault) ?:
		  user_check_value(verb_option(call, "--port"), fault);
	char *whole;

	if (ret || !endpoint)
		return ret;
	whole = user_endpoint(endpoint, 1, fault);
	free(whole);
	return whole ? 0 : fault->code;
}

static int make_file(struct verb_call *call, const char *path,
		     struct fault *fault)
{
	uint8_t key[WG_KEY_LEN];
	struct out_file file;
	char *text;
	int ret = check_options(call, fault);

	if (ret)
		return ret;
	key_make_private(key);
	out_file_begin(&file);
	print(call, key, &file.out);
	text = out_file_end(&file);
	wipe(key, sizeof(key));
	ret = setup_check_text(text, call->argv[0], fault);
	if (!ret) {
		ret = file_create(path, text);
		if (ret)
			fault_set(fault, ret, "cannot create '%s': %s", path,
				  strerror(-ret));
	}
	wipe_text(text);
	return ret;
}

int cmd_new(struct verb_call *call)
{
	char *path = setup_new_path(call->argv[0], &call->fault);
	int ret = path ? make_file(call, path, &call->fault) :
			 call->fault.code;

	if (!ret) {
		out_begin(&call->out, NULL);
		out_string(&call->out, "tunnel", NULL, call->argv[0]);
		out_string(&call->out, "file", NULL, path);
		out_line(&call->out,
			 "created %s; next: 'wgctl up %s', 'wgctl user add NAME'",
			 path, call->argv[0]);
	}
	free(path);
	return ret;
}
