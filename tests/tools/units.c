// SPDX-License-Identifier: GPL-2.0
/*
 * What the verbs do not reach, or reach only in part: editing files, sets of
 * allowed IPs, names, long lists. Prints TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "conf/conf.h"
#include "lib/format.h"
#include "lib/process.h"
#include "model/change.h"
#include "model/key.h"
#include "model/value.h"
#include "quick/plan.h"

const struct verb verbs[] = { { 0 } };

static unsigned int failures;
static const char *test_name;

#define CHECK(claim)                                                        \
	do {                                                                \
		if (!(claim)) {                                             \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #claim); \
			failures++;                                         \
		}                                                           \
	} while (0)

#define KEY_A "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define KEY_B "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="

static const char mixed[] =
	"# at the top\n"
	"\n"
	"[Interface]   # mine\n"
	"Address = 10.0.0.1/24, fd00::1/64\n"
	"  ListenPort=51820\t# the usual\n"
	"Colour = green\n"
	"PostUp = iptables -A FORWARD -i %i -j ACCEPT\n"
	"\n"
	"# the first one\n"
	"[Peer]\n"
	"# Name = laptop\n"
	"PublicKey = " KEY_A "\n"
	"AllowedIPs = 10.0.0.2/32\n"
	"\n"
	"# about the second one\n"
	"[PEER]\n"
	"allowedips = 10.0.0.3/32 # phone\n"
	"publickey = " KEY_B "\n"
	"# Name = second";

static struct conf *parse(const char *text)
{
	struct fault fault;
	struct conf *conf = conf_parse(text, strlen(text), "test", &fault);

	if (!conf) {
		fault_print(&fault);
		exit(1);
	}
	return conf;
}

/* Frees the file; the caller frees the text. */
static char *print_and_free(struct conf *conf)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	conf_print(conf, to);
	fclose(to);
	conf_free(conf);
	return text;
}

static void key_of(uint8_t *key, const char *text)
{
	CHECK(key_parse(key, text, strlen(text)));
}

static void file_is_printed_as_it_was_read(void)
{
	static const char *const texts[] = {
		mixed, "", "\n", "\n\n", "[Peer]", "[Interface]\r\nMTU = 5\r\n",
		"#\n# x", " \t\n[ interface ] # y\n",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *text = print_and_free(parse(texts[i]));

		CHECK(!strcmp(text, texts[i]));
		free(text);
	}
}

static void lines_know_key_value_and_section(void)
{
	struct conf *conf = parse(mixed);
	size_t at = conf_next(conf, CONF_INTERFACE, CONF_LISTEN_PORT, 0);
	char *value;

	CHECK(at == 4);
	value = conf_value(&conf->lines[at]);
	CHECK(!strcmp(value, "51820"));
	free(value);
	CHECK(conf_next(conf, CONF_PEER, CONF_LISTEN_PORT, 0) == conf->count);
	CHECK(conf_next(conf, CONF_PEER, CONF_ALLOWED_IPS, 13) == 16);
	CHECK(conf->lines[5].key == CONF_KEY_UNKNOWN);
	CHECK(conf->lines[10].key == CONF_NAME &&
	      conf->lines[18].key == CONF_NAME);
	value = conf_value(&conf->lines[18]);
	CHECK(!strcmp(value, "second"));
	free(value);
	conf_free(conf);
}

static void name_comment_counts_only_in_a_peer(void)
{
	struct fault fault;
	struct conf *conf = parse("# Name = a\n[Interface]\n# Name = b\n"
				  "[Peer]\n#name=c\nPublicKey=" KEY_A "\n"
				  "[Peer]\n# Name = \001\nPublicKey=" KEY_B
				  "\n# Names = d\n# Name of = e\n");
	struct tunnel *tunnel = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);

	CHECK(tunnel && tunnel->peer_count == 2);
	CHECK(!strcmp(tunnel->peers[0]->name, "c"));
	CHECK(!tunnel->peers[1]->name[0]);
	tunnel_free(tunnel);
	conf_free(conf);
}

static void strictness_decides_on_foreign_keys(void)
{
	struct conf *conf = parse(mixed);
	struct tunnel *tunnel;
	struct fault fault;

	CHECK(!conf_to_tunnel(conf, CONF_ONLY_WG, &fault));
	CHECK(fault.line == 4 && fault.column == 1);
	CHECK(!conf_to_tunnel(conf, CONF_QUICK, &fault));
	CHECK(fault.line == 6);
	tunnel = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, &fault);
	CHECK(tunnel && tunnel->peer_count == 2);
	CHECK(tunnel && tunnel->listen_port == 51820);
	CHECK(tunnel && tunnel->peers[1]->line == 16);
	tunnel_free(tunnel);
	conf_free(conf);
}

static void peer_is_found_without_the_comment_of_the_next(void)
{
	struct conf *conf = parse(mixed);
	struct conf_range range = { 0 };
	uint8_t key[WG_KEY_LEN];

	key_of(key, KEY_A);
	CHECK(conf_find_peer(conf, key, &range));
	CHECK(range.first == 9 && range.after == 13);
	key_of(key, KEY_B);
	CHECK(conf_find_peer(conf, key, &range));
	CHECK(range.first == 15 && range.after == 19);
	key[0] ^= 1;
	CHECK(!conf_find_peer(conf, key, &range));
	conf_free(conf);
}

static void deleted_lines_leave_the_others(void)
{
	struct conf *conf = parse(mixed);
	uint8_t key[WG_KEY_LEN];
	struct conf_range range = { 0 };
	char *text;

	key_of(key, KEY_A);
	CHECK(conf_find_peer(conf, key, &range));
	conf_delete(conf, range.first, range.after - range.first);
	CHECK(conf->lines[range.first].section == CONF_INTERFACE);
	text = print_and_free(conf);
	CHECK(!strstr(text, KEY_A) && strstr(text, "# the first one"));
	CHECK(strstr(text, "# about the second one\n[PEER]\n"));
	CHECK(strstr(text, "# Name = second"));
	free(text);
}

static void value_changes_and_its_comment_stays(void)
{
	struct conf *conf = parse(mixed);
	char *text;

	conf_set_value(conf, 4, "7");
	conf_set_value(conf, 16, "10.0.0.3/32, fd00::3/128");
	text = print_and_free(conf);
	CHECK(strstr(text, "  ListenPort=7\t# the usual\n"));
	CHECK(strstr(text, "allowedips = 10.0.0.3/32, fd00::3/128 # phone\n"));
	free(text);
}

static void appended_peer_reads_back(void)
{
	struct conf *conf = parse(mixed);
	struct peer *peer = peer_new();
	struct tunnel *tunnel;
	struct fault fault;
	char *text;

	key_make_psk(peer->public_key);
	key_make_psk(peer_psk(peer));
	peer->keepalive_s = 25;
	peer_set_name(peer, "third");
	CHECK(!value_endpoint(&peer->endpoint, "[fd00::9]:77", &fault));
	peer->has = PEER_HAS_ENDPOINT;
	CHECK(!value_ips(peer, "10.0.0.4, fd00::4", &fault));
	CHECK(!conf_append_peer(conf, peer, &fault));
	tunnel = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, &fault);
	CHECK(tunnel && tunnel->peer_count == 3);
	if (tunnel) {
		struct peer *read = tunnel->peers[2];

		CHECK(key_equal(read->public_key, peer->public_key));
		CHECK(key_equal(read->psk, peer->psk));
		CHECK(!strcmp(read->name, "third") && read->keepalive_s == 25);
		CHECK(!strcmp(read->endpoint.host, "fd00::9"));
		CHECK(!strcmp(read->endpoint.port, "77"));
		CHECK(read->ips.count == 2);
	}
	tunnel_free(tunnel);
	peer_free(peer);
	text = print_and_free(conf);
	CHECK(!strncmp(text, mixed, sizeof(mixed) - 1));
	CHECK(!strncmp(text + sizeof(mixed) - 1, "\n\n[Peer]\n", 9));
	free(text);
}

static void inserted_header_moves_the_lines_below(void)
{
	struct conf *conf = parse("[Interface]\nMTU = 5\n");
	struct fault fault;

	CHECK(!conf_insert(conf, 1, "[Peer]", &fault));
	CHECK(conf->lines[2].section == CONF_PEER);
	CHECK(conf_insert(conf, 0, "MTU = 7", &fault) == -EINVAL);
	CHECK(conf->count == 3);
	CHECK(conf_insert(conf, 3, "a = b\nc = d", &fault) == -EINVAL);
	conf_delete(conf, 1, 1);
	CHECK(conf->lines[1].section == CONF_INTERFACE);
	conf_free(conf);
}

static void file_is_replaced_whole_and_private(void)
{
	char directory[] = "/tmp/wgctl-units-XXXXXX", path[64], link[64];
	struct conf *conf = parse(mixed), *again;
	struct fault fault;
	struct stat file;
	char *text;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/a.conf", directory);
	snprintf(link, sizeof(link), "%s/b.conf", directory);
	CHECK(!symlink("a.conf", link));
	CHECK(!conf_replace(conf, path, &fault));
	CHECK(!conf_replace(conf, link, &fault));
	CHECK(!lstat(link, &file) && S_ISLNK(file.st_mode));
	CHECK(!stat(path, &file) && (file.st_mode & 0777) == 0600);
	again = conf_load(path, &fault);
	CHECK(again);
	text = print_and_free(again);
	CHECK(!strcmp(text, mixed));
	free(text);
	CHECK(conf_replace(conf, "/nonexistent/x", &fault) == -ENOENT);
	conf_free(conf);
	unlink(link);
	unlink(path);
	CHECK(!rmdir(directory)); /* nothing was left behind */
}

static struct allowed_ip ip_of(const char *text)
{
	struct allowed_ip ip;
	struct fault fault;
	bool has_sign;

	CHECK(!value_ip(&ip, &has_sign, text, &fault));
	return ip;
}

static void prefixes_cover_what_is_inside(void)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} rows[] = {
		{ "0.0.0.0/0", "1.2.3.4/32", true },
		{ "10.0.0.0/8", "10.255.0.0/16", true },
		{ "10.0.0.0/8", "11.0.0.0/16", false },
		{ "10.0.0.0/9", "10.128.0.0/16", false },
		{ "10.1.2.3/8", "10.9.9.9/8", true },
		{ "10.0.0.0/16", "10.0.0.0/8", false },
		{ "::/0", "fd00::1/128", true },
		{ "::/0", "1.2.3.4/32", false },
		{ "fd00::/127", "fd00::1/128", true },
		{ "fd00::/127", "fd00::2/128", false },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct allowed_ip wide = ip_of(rows[i].wide);
		struct allowed_ip narrow = ip_of(rows[i].narrow);

		CHECK(ip_covers(&wide, &narrow) == rows[i].covers);
	}
}

static void sorted_prefixes_are_unique_and_in_order(void)
{
	struct peer *peer = peer_new();
	struct fault fault;
	char text[IP_TEXT_MAX];

	CHECK(!value_ips(peer, "fd00::/8,10.0.0.9/8,1.1.1.1,10.0.0.0/8,10.0.0.0/7",
			 &fault));
	ips_sort(&peer->ips);
	CHECK(peer->ips.count == 4);
	CHECK(!strcmp(ip_text(&peer->ips.items[0], text), "1.1.1.1/32"));
	CHECK(!strcmp(ip_text(&peer->ips.items[1], text), "10.0.0.0/7"));
	CHECK(!strcmp(ip_text(&peer->ips.items[2], text), "10.0.0.0/8"));
	CHECK(!strcmp(ip_text(&peer->ips.items[3], text), "fd00::/8"));
	peer_free(peer);
}

static void names_are_utf8_without_controls(void)
{
	static const struct {
		const char *text;
		bool is_name;
	} rows[] = {
		{ "laptop", true },
		{ "b\xc3\xbcro", true },
		{ "\xe6\x97\xa5\xe6\x9c\xac", true },
		{ "\xf0\x9f\x9a\x80", true },
		{ "", false },
		{ " x", false },
		{ "x ", false },
		{ "a\tb", false },
		{ "a\x7f", false },
		{ "\xc2\x85", false }, /* a C1 control */
		{ "\xc0\x80", false }, /* an overlong zero */
		{ "\xe0\x80\xaf", false },
		{ "\xf0\x80\x80\xaf", false },
		{ "\xed\xa0\x80", false }, /* a surrogate */
		{ "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
		{ "\xc3", false },
		{ "\xff", false },
		{ KEY_A, false },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(value_is_name(rows[i].text, strlen(rows[i].text)) ==
		      rows[i].is_name);
}

/* Seconds as GNU date prints them. */
static void times_are_read_and_written(void)
{
	static const struct {
		const char *text;
		uint64_t s; /* 0: no time */
		const char *written;
	} rows[] = {
		{ "2027-03-01", 1803859200, "2027-03-01T00:00:00Z" },
		{ "2027-03-01Z", 1803859200, "2027-03-01T00:00:00Z" },
		{ "2027-03-01 12:00", 1803902400, "2027-03-01T12:00:00Z" },
		{ "2028-02-29T23:59:59Z", 1835481599, "2028-02-29T23:59:59Z" },
		{ "@4102444800", 4102444800, "2100-01-01T00:00:00Z" },
		{ "@9223372036854775807", 9223372036854775807ULL,
		  "@9223372036854775807" },
		{ "@18446744073709551615", UINT64_MAX,
		  "@18446744073709551615" },
		{ "9999-12-31T23:59:59Z", 253402300799,
		  "9999-12-31T23:59:59Z" },
		{ "@253402300800", 253402300800, "@253402300800" },
		{ .text = "@0" }, { .text = "@-1" }, { .text = "2027-02-29" },
		{ .text = "2027-13-01" }, { .text = "2027-03-01T24:61" },
		{ .text = "2027-03-01Zulu" }, { .text = "tomorrow" },
		{ .text = "1969-12-31Z" }, { .text = "" },
		{ .text = "@18446744073709551616" },
	};
	char written[UNTIL_TEXT_MAX];
	struct fault fault;
	uint64_t s;
	size_t i;

	setenv("TZ", "UTC", 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(!value_until(&s, rows[i].text, &fault) == !!rows[i].s);
		if (!rows[i].s)
			continue;
		CHECK(s == rows[i].s);
		CHECK(!strcmp(until_text(s, written), rows[i].written));
	}
	CHECK(!value_until(&s, "never", &fault) && !s);
	CHECK(!until_text(s, written));
}

static void bindings_are_read_and_written(void)
{
	static const struct {
		const char *text;
		const char *written; /* NULL: refused; "": bound to nothing */
	} rows[] = {
		{ "eth0", "eth0" }, { "192.0.2.1", "192.0.2.1" },
		{ "FE80::1%vrf-blue", "fe80::1%vrf-blue" },
		/* as the kernel tells it */
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::ffff:c000:201%eth0", "192.0.2.1%eth0" },
		{ "0.0.0.0", "0.0.0.0" }, { "::%eth0", "eth0" },
		{ "::1", "::1" }, { "off", "" }, { "Off", "" }, { "::", "" },
		{ .text = "" }, { .text = "%eth0" },
		{ .text = "eth0%eth1" }, { .text = "fe80::1%" },
		{ .text = "192.0.2.1%a b" }, { .text = "sixteen-letters-" },
		{ .text = "a/b" }, { .text = "a\033b" }, { .text = "a\nb" },
		{ .text = "fe80::1%a\177" },
	};
	char written[BIND_TEXT_MAX];
	struct fault fault;
	struct bind bind;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is_good = !value_bind(&bind, rows[i].text, &fault);

		CHECK(is_good == !!rows[i].written);
		if (rows[i].written)
			CHECK(!strcmp(bind_text(&bind, written) ?: "",
				      rows[i].written));
	}
	/* the kernel is not that strict */
	bind = (struct bind){ .device = "a\033[31m" };
	CHECK(!strcmp(bind_text(&bind, written), "a?[31m"));
}

static void hosts_mean_nothing_to_a_shell(void)
{
	struct endpoint endpoint = { 0 };
	char text[] = "a?b.example.org:7";
	struct fault fault;
	const char *bad;

	for (bad = "$`&;|<>(){}*?!~'\"\\ \n"; *bad; bad++) {
		text[1] = *bad;
		CHECK(value_endpoint(&endpoint, text, &fault));
		CHECK(fault.column == 2);
	}
	text[1] = '-';
	CHECK(!value_endpoint(&endpoint, text, &fault));
	CHECK(!value_endpoint(&endpoint, "[fe80::1%eth0]:7", &fault));
	endpoint_clear(&endpoint);
}

static void sorted_peers_are_found_and_the_last_of_equals_wins(void)
{
	struct tunnel *tunnel = tunnel_new("wg0");
	struct peer **sorted;
	uint8_t key[WG_KEY_LEN] = { 0 };
	unsigned int i;

	for (i = 0; i < 300; i++) {
		key[0] = (uint8_t)(i * 7); /* 44 values occur twice */
		tunnel_add_peer(tunnel, key)->keepalive_s = (uint16_t)i;
	}
	sorted = tunnel_sorted_by_key(tunnel);
	for (i = 0; i < 300; i++) {
		struct peer *peer;

		key[0] = (uint8_t)(i * 7);
		peer = tunnel_search(sorted, 300, key);
		CHECK(peer && peer->keepalive_s ==
			(i + 256 < 300 ? i + 256 : i));
	}
	key[1] = 1;
	CHECK(!tunnel_search(sorted, 300, key));
	CHECK(!tunnel_search(sorted, 0, key));
	free(sorted);
	tunnel_free(tunnel);
}

/* Lines across the ends of what is read at once, and one longer than that. */
static void long_file_reads_as_its_lines_say(void)
{
	char path[] = "/tmp/units.XXXXXX";
	FILE *to = fdopen(mkstemp(path), "w");
	struct tunnel *whole = NULL, *tunnel;
	struct fault fault;
	struct conf *conf;
	unsigned int i;

	for (i = 0; i < 4000; i++)
		fprintf(to, "[Peer]\n# Name = n%u\nPublicKey = %04u%s\n", i,
			i, KEY_A + 4);
	fprintf(to, "#%*s\nEndpoint = 1.2.3.4:5", 200000, "");
	fclose(to);
	tunnel = conf_load_tunnel(path, &fault);
	conf = conf_load(path, &fault);
	if (conf)
		whole = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);
	CHECK(tunnel && tunnel->peer_count == 4000);
	CHECK(whole && whole->peer_count == 4000);
	for (i = 0; tunnel && whole && i < 4000; i++) {
		CHECK(!strcmp(tunnel->peers[i]->name, whole->peers[i]->name));
		CHECK(key_equal(tunnel->peers[i]->public_key,
				whole->peers[i]->public_key));
		CHECK(tunnel->peers[i]->line == whole->peers[i]->line);
	}
	CHECK(tunnel && tunnel->peers[3999]->endpoint.host);
	tunnel_free(whole);
	tunnel_free(tunnel);
	conf_free(conf);
	unlink(path);
}

static void equal_peers_merge_into_one(void)
{
	struct fault fault;
	struct conf *conf = parse("[Peer]\nPublicKey=" KEY_A
				  "\nAllowedIPs=1.1.1.1\nEndpoint=1.2.3.4:5\n"
				  "[Peer]\nPublicKey=" KEY_B "\n"
				  "[Peer]\nPublicKey=" KEY_A
				  "\nAllowedIPs=2.2.2.2\nPersistentKeepalive=9\n");
	struct tunnel *tunnel = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);
	struct peer *peer;
	char text[IP_TEXT_MAX];

	change_merge_peers(tunnel);
	CHECK(tunnel->peer_count == 2);
	peer = tunnel->peers[0];
	CHECK(peer->ips.count == 1 && peer->keepalive_s == 9);
	CHECK(!strcmp(ip_text(&peer->ips.items[0], text), "2.2.2.2/32"));
	CHECK(!strcmp(peer->endpoint.host, "1.2.3.4"));
	tunnel_free(tunnel);
	conf_free(conf);
}

static void difference_of_equals_is_empty(void)
{
	struct fault fault;
	struct conf *conf = parse("[Interface]\nFwMark=5\n[Peer]\nPublicKey=" KEY_A
				  "\nAllowedIPs=1.1.1.1,10.0.0.0/8\n");
	struct conf *other = parse("[Interface]\nFwMark=5\n[Peer]\nPublicKey=" KEY_A
				   "\nAllowedIPs=10.9.9.9/8,1.1.1.1,1.1.1.1\n");
	struct tunnel *a = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);
	struct tunnel *b = conf_to_tunnel(other, CONF_ONLY_WG, &fault);
	struct tunnel *change = change_difference(a, b);

	CHECK(change && change_is_empty(change));
	tunnel_free(change);
	b->fwmark = 6;
	change = change_difference(a, b);
	CHECK(change && !change_is_empty(change) && !change->peer_count);
	tunnel_free(change);
	tunnel_free(a);
	tunnel_free(b);
	conf_free(conf);
	conf_free(other);
}

static void no_core_is_left_and_children_keep_their_limit(void)
{
	static const char *const look[] = {
		"grep", "^Max core file size *4096 ", "/proc/self/limits", NULL
	};
	struct rlimit limit;
	struct fault fault;
	char *found;

	CHECK(!getrlimit(RLIMIT_CORE, &limit));
	limit.rlim_cur = 4096;
	CHECK(!setrlimit(RLIMIT_CORE, &limit));
	CHECK(!key_init());
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	found = process_output(look, &fault);
	CHECK(found);
	free(found);
}

static int fail(struct plan *plan, const union plan_arg *arg,
		struct fault *fault)
{
	return fault_set(fault, -EIO, "it ended with status 1");
}

/* As where a file was folded into one line. */
static void failed_hook_does_not_tell_a_key(void)
{
	static const struct op failing = { fail, NULL };
	FILE *nowhere = fopen("/dev/null", "w");
	struct plan plan = { .name = "wg0" };
	struct fault fault;
	struct out out;

	out_init(&out, nowhere, OUT_TEXT);
	plan.out = &out;
	plan_add(&plan, &failing, NULL,
		 "run PostUp: true PrivateKey = " KEY_A);
	CHECK(plan_run(&plan, PLAN_ALL_OR_NOTHING, &fault) == -EIO);
	CHECK(!strcmp(fault.text,
		      "cannot run PostUp: true PrivateKey = (hidden): it ended with status 1"));
	plan_end(&plan);
	fclose(nowhere);
}

static void shown_text_is_short_printable_and_no_key(void)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "", "" },
		{ "vpn.example.org:51820", "vpn.example.org:51820" },
		{ "fd00:1234:5678:9abc:def0:1234:5678:9abc/128",
		  "fd00:1234:5678:9abc:def0:1234:5678:9abc/128" },
		{ "aratherlonghostnamewithoutdots", "aratherlonghostnamewithoutdots" },
		{ "b\xc3\xbcro", "b\xc3\xbcro" },
		{ KEY_A, "(hidden)" },
		{ "[" KEY_A "]", "[(hidden)]" },
		{ "5PrivateKey=" KEY_A, "(hidden)" },
		{ KEY_A KEY_B, "(hidden)" },
		{ KEY_A " " KEY_B, "(hidden) (hidden)" },
		{ "a\033[2Jb\nc\177", "a?[2Jb?c?" },
		{ "\xc2\x9b" "2J\xc2\xa0\xc2", "?2J\xc2\xa0\xc2" },
	};
	char text[2 * SHOWN_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(!strcmp(SHOWN(rows[i].text), rows[i].shown));
	memset(text, '-', sizeof(text));
	text[sizeof(text) - 1] = 0;
	CHECK(strlen(SHOWN(text)) < SHOWN_MAX);
	CHECK(!strcmp(SHOWN_LEN(text, 3), "---"));
}

#define TEST(name) { #name, name }

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	TEST(file_is_printed_as_it_was_read),
	TEST(lines_know_key_value_and_section),
	TEST(name_comment_counts_only_in_a_peer),
	TEST(strictness_decides_on_foreign_keys),
	TEST(peer_is_found_without_the_comment_of_the_next),
	TEST(deleted_lines_leave_the_others),
	TEST(value_changes_and_its_comment_stays),
	TEST(times_are_read_and_written),
	TEST(bindings_are_read_and_written),
	TEST(hosts_mean_nothing_to_a_shell),
	TEST(appended_peer_reads_back),
	TEST(inserted_header_moves_the_lines_below),
	TEST(file_is_replaced_whole_and_private),
	TEST(prefixes_cover_what_is_inside),
	TEST(sorted_prefixes_are_unique_and_in_order),
	TEST(names_are_utf8_without_controls),
	TEST(sorted_peers_are_found_and_the_last_of_equals_wins),
	TEST(long_file_reads_as_its_lines_say),
	TEST(equal_peers_merge_into_one),
	TEST(difference_of_equals_is_empty),
	TEST(no_core_is_left_and_children_keep_their_limit),
	TEST(failed_hook_does_not_tell_a_key),
	TEST(shown_text_is_short_printable_and_no_key),
};

int main(void)
{
	const size_t count = sizeof(tests) / sizeof(tests[0]);
	unsigned int bad = 0;
	size_t i;

	if (key_init())
		return 1;
	printf("1..%zu\n", count);
	for (i = 0; i < count; i++) {
		failures = 0;
		test_name = tests[i].name;
		tests[i].run();
		printf("%s %zu - %s\n", failures ? "not ok" : "ok", i + 1,
		       test_name);
		bad += failures != 0;
	}
	return bad != 0;
}
