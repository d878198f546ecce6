// SPDX-License-Identifier: GPL-2.0
/*
 * What a new user's device is told: by an option, by a comment in the
 * server's file, or by a default that suits most, in this order.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/xalloc.h"
#include "model/value.h"
#include "user/job.h"

#define KEEPALIVE_S 25 /* below what NAT forgets after */
#define EVERYTHING "0.0.0.0/0, ::/0"

/* A string, taken over, that lives as long as the job; NULL stays NULL. */
static const char *keep(struct user_job *job, char *text)
{
	if (!text)
		return NULL;
	strv_add(&job->settings, text);
	free(text);
	return job->settings.items[job->settings.count - 1];
}

/* From the option or the comment, or NULL in @value. */
static int choose(struct user_job *job, const char *setting,
		  const char *option, const char **value)
{
	if (user_check_value(option, job->fault))
		return job->fault->code;
	*value = keep(job, option ? xstrdup(option) :
				    conf_setting(job->setup->conf, setting,
						 NULL));
	return 0;
}

/* --- the server's address, as the users reach it --- */

static bool is_public_v4(struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	return a >> 24 != 0 && a >> 24 != 10 && a >> 24 != 127 &&
	       a >> 20 != 0xac1 && a >> 16 != 0xc0a8 && a >> 16 != 0xa9fe &&
	       a >> 22 != 0x191 && a < 0xe0000000;
}

static bool is_public(const struct allowed_ip *ip)
{
	if (ip->family == AF_INET)
		return is_public_v4(ip->v4);
	return (ip->v6.s6_addr[0] & 0xe0) == 0x20; /* 2000::/3 */
}

/* The address by which this machine would reach a far one; sends nothing. */
static bool own_address(struct nl_talk *rtnl, const struct sockaddr *far,
			char *text)
{
	const struct rtnl_packets packets = { .to = far };
	struct fault ignored;
	struct rtnl_way way;

	if (rtnl_way_to(rtnl, &way, &packets, &ignored) ||
	    !is_public(&way.source))
		return false;
	inet_ntop(way.source.family, &way.source.v6, text, INET6_ADDRSTRLEN);
	return true;
}

static bool guess_address(struct nl_talk *rtnl, char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	/* any address of the public internet shows the way there */
	inet_pton(AF_INET, "192.0.43.8", &v4.sin_addr);
	inet_pton(AF_INET6, "2001:500:88:200::8", &v6.sin6_addr);
	return own_address(rtnl, (struct sockaddr *)&v4, text) ||
	       own_address(rtnl, (struct sockaddr *)&v6, text);
}

static uint16_t port_of(const struct user_job *job)
{
	if (job->setup->tunnel->listen_port || !job->now)
		return job->setup->tunnel->listen_port;
	return job->now->listen_port;
}

static int choose_endpoint(struct user_job *job, const char *option)
{
	char guess[INET6_ADDRSTRLEN], *text;
	const char *host;
	int ret = choose(job, USER_ENDPOINT, option, &host);

	if (ret)
		return ret;
	if (!host && !guess_address(&job->plan.rtnl, guess))
		return fault_set(job->fault, -EINVAL,
				 "this machine has no public address: use --endpoint=HOST[:PORT] (it is remembered)");
	if (!host)
		host = guess;
	if (!user_has_port(host) && !port_of(job))
		return fault_set(job->fault, -EINVAL,
				 "'%s' has no ListenPort in its file: use --endpoint=HOST:PORT",
				 job->setup->name);
	text = user_endpoint(host, port_of(job), job->fault);
	if (!text)
		return job->fault->code;
	job->client.endpoint = keep(job, text);
	return 0;
}

/* --- what goes through the tunnel --- */

static int check_ips(struct user_job *job, const char *list)
{
	struct peer *peer = peer_new();
	int ret = value_ips(peer, list, job->fault);

	if (!ret && peer->ips_are_changes)
		ret = fault_set(job->fault, -EINVAL,
				"'%s' has a sign: networks are expected",
				SHOWN(list));
	peer_free(peer);
	return ret;
}

static int choose_ips(struct user_job *job, const char *option, bool is_full)
{
	const char **value = &job->client.allowed_ips;
	int ret;

	if (is_full && !option) {
		*value = EVERYTHING;
		return 0;
	}
	ret = choose(job, USER_ALLOWED_IPS, option, value);
	if (ret || *value)
		return ret ? ret : check_ips(job, *value);
	*value = keep(job, user_networks(job->setup));
	return 0;
}

/* --- name servers --- */

static bool is_usable_server(const char *text)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 != 127;
	return inet_pton(AF_INET6, text, &v6) == 1 &&
	       !IN6_IS_ADDR_LOOPBACK(&v6) && !IN6_IS_ADDR_LINKLOCAL(&v6);
}

/* A name server that a resolver's file names, but for this machine's own. */
static bool add_server(const char *line, void *servers)
{
	char server[64];

	if (sscanf(line, " nameserver %63s", server) == 1 &&
	    is_usable_server(server))
		strv_add(servers, server);
	return false; /* there may be more */
}

/*
 * With everything in the tunnel, the name servers of the network that a
 * device is in are out of its reach: it uses those of the server.
 */
static void use_dns_of_server(struct user_job *job)
{
	struct strv servers = { 0 };

	file_find_line("/etc/resolv.conf", add_server, &servers);
	if (!servers.count)
		file_find_line("/run/systemd/resolve/resolv.conf", add_server,
			       &servers);
	if (servers.count)
		job->client.dns = keep(job, strv_join(&servers, ", "));
	strv_clear(&servers);
}

static int choose_dns(struct user_job *job, const char *option)
{
	int ret = choose(job, USER_DNS, option, &job->client.dns);
	const char *ips = job->client.allowed_ips;

	if (!ret && !job->client.dns &&
	    (strstr(ips, "0.0.0.0/0") || strstr(ips, "::/0")))
		use_dns_of_server(job);
	return ret;
}

/* --- the rest --- */

static int choose_keepalive(struct user_job *job, const char *option)
{
	const char *value;
	int ret = choose(job, USER_KEEPALIVE, option, &value);

	job->client.keepalive_s = KEEPALIVE_S;
	if (!ret && value)
		ret = value_keepalive(&job->client.keepalive_s, value,
				      job->fault);
	return ret;
}

/* What was put together must be a file that our own parser takes. */
static int make_text(struct user_job *job)
{
	job->client_text = user_text(&job->client);
	return setup_check_text(job->client_text, job->setup->name,
				job->fault);
}

int user_settings(struct user_job *job, const struct user_request *request)
{
	job->client.server = job->setup;
	job->client.peer = job->peer;
	return choose_endpoint(job, request->endpoint) ?:
	       choose_ips(job, request->allowed_ips, request->is_full) ?:
	       choose_dns(job, request->dns) ?:
	       choose_keepalive(job, request->keepalive) ?:
	       choose(job, USER_MTU, request->mtu, &job->client.mtu) ?:
	       make_text(job);
}
