/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users of a server's tunnel: free addresses, and what their devices need.
 *
 * Pure functions of models; job.c acts on files and devices.
 *
 * A user is a peer that has a name. What their devices are to be told can be
 * set once, in comments of the server's [Interface] section:
 *
 *	# UserEndpoint = vpn.example.org:51820
 *	# UserDNS = 10.8.0.1
 *	# UserAllowedIPs = 10.8.0.0/24, 192.168.1.0/24
 *	# UserKeepalive = 25
 *	# UserMTU = 1280
 */
#ifndef _WGCTL_USER_USER_H
#define _WGCTL_USER_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/fault.h"
#include "model/tunnel.h"
#include "quick/setup.h"

/* Their names, for conf_setting(). */
#define USER_ENDPOINT "UserEndpoint"
#define USER_DNS "UserDNS"
#define USER_ALLOWED_IPS "UserAllowedIPs"
#define USER_KEEPALIVE "UserKeepalive"
#define USER_MTU "UserMTU"

/**
 * user_check_name() - can a user be called so?
 * @name: is also that of a file
 * @fault: filled if not
 *
 * Return: 0 or a negative errno.
 */
int user_check_name(const char *name, struct fault *fault);

/**
 * user_free_address() - the lowest address of a network that nobody has
 * @server: its addresses' networks and its peers
 * @family: AF_INET or AF_INET6
 * @ip: filled, with the full prefix length
 * @fault: filled on failure
 *
 * Return: 0; -ENOENT where the server has no such network; -ENOSPC where
 * every network of the family is full.
 */
int user_free_address(const struct setup *server, uint16_t family,
		      struct allowed_ip *ip, struct fault *fault);

/**
 * user_check_address() - can a user have this address?
 * @server: its addresses' networks and its peers
 * @ip: made to have the full prefix length
 * @fault: filled when it is another's, or in none of the networks
 *
 * Return: 0 or a negative errno.
 */
int user_check_address(const struct setup *server, struct allowed_ip *ip,
		       struct fault *fault);

/* Of "host", "address", "host:port" and "[address]:port": the last two? */
bool user_has_port(const char *endpoint);

/**
 * user_endpoint() - complete what users reach a server by
 * @text: as above
 * @port: where the text has none
 * @fault: filled for what cannot be an endpoint
 *
 * Return: with brackets and port, for free(), or NULL.
 */
char *user_endpoint(const char *text, uint16_t port, struct fault *fault);

/* Could this be a part of a line of a file? */
int user_check_value(const char *text, struct fault *fault);

/* Holds keys by way of @peer and @private_key; the caller wipes. */
struct user_client {
	const struct setup *server;
	const struct peer *peer; /* as the server knows the user */
	uint8_t private_key[WG_KEY_LEN];
	const char *endpoint;
	const char *dns; /* NULL: none */
	const char *allowed_ips; /* what goes through the tunnel */
	uint16_t keepalive_s; /* 0: off */
	const char *mtu; /* NULL: chosen by the user's device */
};

/**
 * user_text() - the configuration of a user's device
 * @client: all of it
 *
 * Return: a string for wipe_text().
 */
char *user_text(const struct user_client *client);

/**
 * user_networks() - the networks of a server, for a split tunnel
 * @server: its addresses
 *
 * Return: a list with commas, for free().
 */
char *user_networks(const struct setup *server);

#endif
