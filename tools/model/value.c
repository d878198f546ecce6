// SPDX-License-Identifier: GPL-2.0
#include "model/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/strv.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"
#include "model/key.h"

/* Bad value whose first wrong byte is at @at. */
#define BAD(fault, at, ...)                                  \
	(fault_set(fault, -EINVAL, __VA_ARGS__),             \
	 (fault)->column = (size_t)(at) + 1, -EINVAL)

bool value_number(uint64_t *number, const char *text, int base, uint64_t max)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t allowed = base == 16 ? sizeof(digits) - 1 : 10;
	char set[sizeof(digits)];
	char *end;

	memcpy(set, digits, sizeof(digits));
	set[allowed] = 0;
	if (!*text || text[strspn(text, set)])
		return false;
	errno = 0;
	*number = strtoull(text, &end, base);
	return !errno && *number <= max;
}

void value_squeeze(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (!isspace((unsigned char)*text))
			*to++ = *text;
	*to = 0;
}

int value_port(uint16_t *port, const char *text, struct fault *fault)
{
	const struct servent *service;
	uint64_t number;

	if (value_number(&number, text, 10, UINT16_MAX)) {
		*port = (uint16_t)number;
		return 0;
	}
	service = getservbyname(text, "udp");
	if (!service)
		return BAD(fault, 0,
			   "'%s' is not a port: 0 to 65535 or a UDP service is expected",
			   SHOWN(text));
	*port = ntohs((uint16_t)service->s_port);
	return 0;
}

static bool number_or_off(uint64_t *number, const char *text, bool takes_hex,
			  uint64_t max)
{
	bool is_hex = takes_hex && !strncmp(text, "0x", 2);

	*number = 0;
	return !strcasecmp(text, "off") ||
	       value_number(number, is_hex ? text + 2 : text,
			    is_hex ? 16 : 10, max);
}

int value_fwmark(uint32_t *fwmark, const char *text, struct fault *fault)
{
	uint64_t number;

	if (!number_or_off(&number, text, true, UINT32_MAX))
		return BAD(fault, 0,
			   "'%s' is not a mark: 'off', 0 to 4294967295, or 0x0 to 0xffffffff is expected",
			   SHOWN(text));
	*fwmark = (uint32_t)number;
	return 0;
}

int value_keepalive(uint16_t *seconds, const char *text, struct fault *fault)
{
	uint64_t number;

	if (!number_or_off(&number, text, false, UINT16_MAX))
		return BAD(fault, 0,
			   "'%s' is not an interval: 'off' or 0 to 65535 seconds is expected",
			   SHOWN(text));
	*seconds = (uint16_t)number;
	return 0;
}

int value_key(uint8_t *key, const char *text, struct fault *fault)
{
	size_t len = strlen(text);

	if (key_parse(key, text, len))
		return 0;
	if (len != KEY_TEXT_LEN)
		return BAD(fault, 0,
			   "not a key: 44 characters of base64 are expected, not %zu",
			   len);
	return BAD(fault, 0, "not a key: these 44 characters are not base64 of 32 bytes");
}

/* Offset of the first byte that no name may have, or @len. */
static size_t name_bad_at(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t point;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = utf8_next(&point, bytes + i, len - i);
		if (!n || utf8_control(bytes + i))
			return i;
	}
	return len;
}

bool value_is_name(const char *text, size_t len)
{
	uint8_t key[WG_KEY_LEN];

	return len && len <= WG_PEER_NAME_MAX && name_bad_at(text, len) == len &&
	       text[0] != ' ' && text[len - 1] != ' ' &&
	       !key_parse(key, text, len);
}

int value_name(char *name, const char *text, struct fault *fault)
{
	size_t len = strlen(text), bad = name_bad_at(text, len);

	if (len > WG_PEER_NAME_MAX)
		return BAD(fault, WG_PEER_NAME_MAX,
			   "the name is %zu bytes long: at most %d are allowed",
			   len, WG_PEER_NAME_MAX);
	if (bad != len)
		return BAD(fault, bad,
			   "a name must be UTF-8 without control characters");
	if (len && !value_is_name(text, len))
		return BAD(fault, 0,
			   "'%s' cannot be a name: it looks like a key, or begins or ends with a space",
			   SHOWN(text));
	memcpy(name, text, len + 1);
	return 0;
}

bool value_bool(bool *result, const char *text)
{
	*result = !strcasecmp(text, "true");
	return *result || !strcasecmp(text, "false");
}

/* The form of a date that all of @text has; false: none. */
static bool parse_date(struct tm *tm, const char *text, bool *is_utc)
{
	static const char *const forms[] = {
		"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
	};
	const char *end;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		*tm = (struct tm){ .tm_isdst = -1 };
		end = strptime(text, forms[i], tm);
		*is_utc = end && *end == 'Z';
		if (end && !end[*is_utc])
			return true;
	}
	return false;
}

int value_until(uint64_t *until_s, const char *text, struct fault *fault)
{
	time_t time = -1;
	struct tm tm;
	bool is_utc;
	int day;

	*until_s = 0;
	if (!strcasecmp(text, "never"))
		return 0;
	if (*text == '@' && value_number(until_s, text + 1, 10, UINT64_MAX) &&
	    *until_s)
		return 0;
	if (parse_date(&tm, text, &is_utc)) {
		day = tm.tm_mday;
		time = is_utc ? timegm(&tm) : mktime(&tm);
	}
	/* February has no 30th; mktime() knows what comes instead */
	if (time <= 0 || tm.tm_mday != day)
		return BAD(fault, 0,
			   "'%s' is not a time: 'never', YYYY-MM-DD[THH:MM[:SS]][Z] or @SECONDS is expected",
			   SHOWN(text));
	*until_s = (uint64_t)time;
	return 0;
}

/* An address of either family, of full length. */
static bool parse_address(struct allowed_ip *ip, const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN];

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	ip->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	ip->cidr = 8 * ip_len(ip);
	return inet_pton(ip->family, address, &ip->v6) == 1;
}

static bool is_device_name(const char *text)
{
	const char *at = text;

	while (*at && !iscntrl((unsigned char)*at) && !strchr("/ #%", *at))
		at++;
	return at != text && !*at && at - text < IFNAMSIZ;
}

int value_bind(struct bind *bind, const char *text, struct fault *fault)
{
	const char *percent = strchr(text, '%');
	const char *device = percent ? percent + 1 : text;
	struct allowed_ip ip = { 0 };
	bool has_address = parse_address(&ip, text, strcspn(text, "%"));

	memset(bind, 0, sizeof(*bind));
	if (has_address && ip.family == AF_INET6)
		bind_set_address(bind, &ip.v6);
	else if (has_address)
		bind->address = ip;
	if (!strcasecmp(text, "off") || (has_address && !percent))
		return 0;
	if (has_address != !!percent || !is_device_name(device))
		return BAD(fault, 0,
			   "'%s' can be bound to by nothing: 'off', a DEVICE, an ADDRESS or ADDRESS%%DEVICE is expected",
			   SHOWN(text));
	memcpy(bind->device, device, strlen(device) + 1);
	return 0;
}

/* Splits "host:port" and "[address]:port" without looking further. */
static bool split_endpoint(const char *text, const char **host,
			   size_t *host_len, const char **port)
{
	const char *colon = strrchr(text, ':');
	const char *close;

	if (text[0] == '[') {
		close = strchr(text, ']');
		if (!close || close[1] != ':')
			return false;
		*host = text + 1;
		*host_len = (size_t)(close - *host);
		*port = close + 2;
	} else {
		if (!colon)
			return false;
		*host = text;
		*host_len = (size_t)(colon - text);
		*port = colon + 1;
	}
	return true;
}

/*
 * Offset of a byte that neither names nor addresses have, or @len. What a shell
 * obeys is among them, since a proposed command may hold the host.
 */
static size_t host_bad_at(const char *host, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' ||
		    strchr("[]#/=\177$`&;|<>(){}*?!~'\"\\", host[i]))
			return i;
	return len;
}

int value_endpoint(struct endpoint *endpoint, const char *text,
		   struct fault *fault)
{
	const char *host, *port;
	size_t host_len, bad;
	uint64_t number;

	if (!split_endpoint(text, &host, &host_len, &port))
		return BAD(fault, strlen(text),
			   "'%s' has no port: HOST:PORT or [IPV6]:PORT is expected",
			   SHOWN(text));
	if (!host_len)
		return BAD(fault, 0,
			   "'%s' has no host: HOST:PORT or [IPV6]:PORT is expected",
			   SHOWN(text));
	if (!*port || host_bad_at(port, strlen(port)) != strlen(port) ||
	    strchr(port, ':') ||
	    (strspn(port, "0123456789") == strlen(port) &&
	     !value_number(&number, port, 10, UINT16_MAX)))
		return BAD(fault, port - text,
			   "'%s' has a wrong port: 0 to 65535 is expected",
			   SHOWN(text));
	bad = host_bad_at(host, host_len);
	if (bad != host_len)
		return BAD(fault, host + bad - text,
			   "'%s' has an invalid character in the host",
			   SHOWN(text));
	endpoint_clear(endpoint);
	endpoint->host = xstrndup(host, host_len);
	endpoint->port = xstrdup(port);
	return 0;
}

int value_ip(struct allowed_ip *ip, bool *has_sign, const char *text,
	     struct fault *fault)
{
	const char *address = text, *slash;
	uint64_t cidr;

	memset(ip, 0, sizeof(*ip));
	*has_sign = *text == '+' || *text == '-';
	ip->remove = *text == '-';
	address += *has_sign;
	slash = strchrnul(address, '/');
	if (!parse_address(ip, address, (size_t)(slash - address)))
		return BAD(fault, address - text,
			   "'%s' is not an IP address, with or without a prefix length",
			   SHOWN(text));
	if (!*slash)
		return 0;
	if (!value_number(&cidr, slash + 1, 10, ip->cidr))
		return BAD(fault, slash + 1 - text,
			   "'%s' has a wrong prefix length: 0 to %u is expected",
			   SHOWN(text), ip->cidr);
	ip->cidr = (uint8_t)cidr;
	return 0;
}

bool value_is_address(const char *text)
{
	struct allowed_ip unused;

	return parse_address(&unused, text, strlen(text));
}

int value_addresses(struct allowed_ips *ips, const char *text,
		    struct fault *fault)
{
	struct strv list = { 0 };
	struct allowed_ip ip;
	bool has_sign;
	size_t i;
	int ret = 0;

	strv_split(&list, text);
	for (i = 0; i < list.count && !ret; i++) {
		ret = value_ip(&ip, &has_sign, list.items[i], fault);
		if (!ret && has_sign)
			ret = fault_set(fault, -EINVAL,
					"'%s' has a sign: an address is expected",
					SHOWN(list.items[i]));
		else if (ret)
			fault_set(fault, ret,
				  "'%s' is not an address: ADDRESS[/LENGTH] is expected",
				  SHOWN(list.items[i]));
		if (!ret)
			ips_add(ips, &ip);
	}
	strv_clear(&list);
	return ret;
}

static int add_part(struct peer *peer, const char *part, struct fault *fault)
{
	struct allowed_ip ip;
	bool has_sign;
	int ret = value_ip(&ip, &has_sign, part, fault);

	if (ret)
		return ret;
	peer->ips_are_changes |= has_sign;
	ips_add(&peer->ips, &ip);
	return 0;
}

/* Takes the list apart in place. */
static int add_parts(struct peer *peer, char *list, struct fault *fault)
{
	char *rest = list, *part;
	int ret = 0;

	while (*list && !ret && (part = strsep(&rest, ","))) {
		ret = add_part(peer, part, fault);
		if (ret)
			fault->column += (size_t)(part - list);
	}
	return ret;
}

int value_ips(struct peer *peer, const char *text, struct fault *fault)
{
	char *list = xstrdup(text);
	int ret;

	value_squeeze(list);
	ret = add_parts(peer, list, fault);
	free(list);
	if (peer->ips_are_changes)
		peer->flags &= ~(uint32_t)WG_PEER_F_REPLACE_ALLOWEDIPS;
	else
		peer->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	return ret;
}
