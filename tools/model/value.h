/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values that files and arguments have in common, as text.
 *
 * Functions of a string: nothing is printed, and nothing looked up but the
 * names of services(5). On failure the fault
 * names the value, and its column is where in the value it went wrong (from
 * 1), so that a caller who knows where the value stands can add that.
 */
#ifndef _WGCTL_MODEL_VALUE_H
#define _WGCTL_MODEL_VALUE_H

#include "lib/fault.h"
#include "model/tunnel.h"

/* Is this what value_name() accepts, and not the form of a key? */
bool value_is_name(const char *text, size_t len);

/* Takes all white space out, as wg does before it reads a value. */
void value_squeeze(char *text);

/* digits of one base and nothing else, up to @max */
bool value_number(uint64_t *number, const char *text, int base, uint64_t max);

/* 0 to 65535, or the name of a UDP service */
int value_port(uint16_t *port, const char *text, struct fault *fault);

/* "off", a decimal number, or a hexadecimal one after "0x" */
int value_fwmark(uint32_t *fwmark, const char *text, struct fault *fault);

/* "off" or 0 to 65535 seconds */
int value_keepalive(uint16_t *seconds, const char *text, struct fault *fault);

/* 44 characters of base64; the fault does not repeat a secret */
int value_key(uint8_t *key, const char *text, struct fault *fault);

/* up to WG_PEER_NAME_MAX bytes of UTF-8 without control characters */
int value_name(char *name, const char *text, struct fault *fault);

/* "true" or "false" */
bool value_bool(bool *result, const char *text);

/*
 * "never", which is 0; YYYY-MM-DD[(T| )HH:MM[:SS]][Z], local time without the Z;
 * or "@" and seconds since the epoch
 */
int value_until(uint64_t *until_s, const char *text, struct fault *fault);

/* "off", a device, an address, or both as ADDRESS%DEVICE */
int value_bind(struct bind *bind, const char *text, struct fault *fault);

/* "host:port" or "[address]:port"; sets host and port, resolves nothing */
int value_endpoint(struct endpoint *endpoint, const char *text,
		   struct fault *fault);

/* "address[/length]", with "+" or "-" in front: add to, or take away from */
int value_ip(struct allowed_ip *ip, bool *has_sign, const char *text,
	     struct fault *fault);

/* IPv4 or IPv6, without anything else */
bool value_is_address(const char *text);

/**
 * value_addresses() - a list with commas, as Address takes
 * @ips: grows
 * @text: of addresses with or without prefix lengths
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int value_addresses(struct allowed_ips *ips, const char *text,
		    struct fault *fault);

/**
 * value_ips() - a list with commas, as allowed-ips and AllowedIPs take
 * @peer: its list grows; unless one of all its prefixes has a "+" or "-" the
 *	list is meant to replace what the device has, and the peer's flags get
 *	WG_PEER_F_REPLACE_ALLOWEDIPS
 * @text: may be empty, and have white space anywhere
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int value_ips(struct peer *peer, const char *text, struct fault *fault);

#endif
