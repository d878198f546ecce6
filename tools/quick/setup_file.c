// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xalloc.h"
#include "model/value.h"
#include "quick/setup.h"

#define SUFFIX ".conf"

static const char *directories(void)
{
	const char *given = getenv("WGCTL_DIRECTORY");

	return given && *given ? given : "/etc/wireguard:/etc/wg";
}

/* The next of a list with colons, or NULL; @list moves on. */
static char *next_directory(const char **list)
{
	const char *one = *list + strspn(*list, ":");
	size_t len = strcspn(one, ":");

	*list = one + len;
	return len ? xstrndup(one, len) : NULL;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(text, word, len);
}

static bool is_name(const char *text, size_t len)
{
	size_t i;

	if (!len || len >= IFNAMSIZ)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) &&
		    (!text[i] || !strchr("_=+.-", text[i])))
			return false;
	/* options begin so, and these are names of something else */
	return *text != '-' && !is_word(text, len, ".") &&
	       !is_word(text, len, "..") && !is_word(text, len, "all") &&
	       !is_word(text, len, "default");
}

/* How long the name is that a file is called by; 0: NAME.conf it is not. */
static size_t name_len(const char *file)
{
	size_t len = strlen(file), tail = sizeof(SUFFIX) - 1;

	if (len <= tail || strcmp(file + len - tail, SUFFIX) ||
	    !is_name(file, len - tail))
		return 0;
	return len - tail;
}

static int cannot_open(const char *path, struct fault *fault)
{
	return fault_errno(fault, -errno, "cannot open '%s'", path);
}

static char *find_by_path(const char *word, char *name, struct fault *fault)
{
	const char *slash = strrchr(word, '/');
	const char *file = slash ? slash + 1 : word;
	size_t len = name_len(file);
	char *path;

	if (!len) {
		fault_set(fault, -EINVAL,
			  "'%s' does not name a file NAME.conf, NAME being that of an interface",
			  SHOWN(word));
		return NULL;
	}
	snprintf(name, IFNAMSIZ, "%.*s", (int)len, file);
	path = realpath(word, NULL);
	if (!path)
		cannot_open(word, fault);
	return path;
}

static char *find_by_name(const char *word, struct fault *fault)
{
	const char *list = directories();
	char *one, *path, *real = NULL;
	int error = 0;

	while (!real && (one = next_directory(&list))) {
		path = xasprintf("%s/%s" SUFFIX, one, word);
		real = realpath(path, NULL);
		if (!real && errno != ENOENT)
			error = cannot_open(path, fault);
		free(path);
		free(one);
	}
	if (!real && !error)
		fault_set(fault, -ENOENT, "there is no %s" SUFFIX " in %s",
			  word, directories());
	return real;
}

char *setup_find(const char *word, char *name, struct fault *fault)
{
	char *path;

	if (strchr(word, '/'))
		return find_by_path(word, name, fault);
	if (!is_name(word, strlen(word))) {
		if (name_len(word))
			return find_by_path(word, name, fault);
		fault_set(fault, -EINVAL,
			  "'%s' cannot be the name of an interface", SHOWN(word));
		return NULL;
	}
	snprintf(name, IFNAMSIZ, "%s", word);
	path = find_by_name(word, fault);
	/* wg0.conf in this directory is meant by "wg0.conf" */
	if (!path && name_len(word) && !access(word, F_OK))
		return find_by_path(word, name, fault);
	return path;
}

char *setup_new_path(const char *name, struct fault *fault)
{
	char *path, *one, unused[IFNAMSIZ];
	const char *list = directories();
	struct fault none;

	if (!is_name(name, strlen(name))) {
		fault_set(fault, -EINVAL,
			  "'%s' cannot be the name of an interface", SHOWN(name));
		return NULL;
	}
	path = setup_find(name, unused, &none);
	if (path) {
		fault_set(fault, -EEXIST, "'%s' exists already", path);
		free(path);
		return NULL;
	}
	one = next_directory(&list);
	if (mkdir(one, 0700) && errno != EEXIST)
		fault_errno(fault, -errno, "cannot create '%s'", one);
	else
		path = xasprintf("%s/%s" SUFFIX, one, name);
	free(one);
	return path;
}

static int list_directory(struct strv *names, const char *path,
			  struct fault *fault)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : cannot_open(path, fault);
	while ((entry = readdir(dir)))
		strv_add_new(names, entry->d_name, name_len(entry->d_name));
	closedir(dir);
	return 0;
}

int setup_list(struct strv *names, struct fault *fault)
{
	const char *list = directories();
	int ret = 0, one_ret;
	char *one;

	while ((one = next_directory(&list))) {
		one_ret = list_directory(names, one, fault);
		ret = ret ? ret : one_ret;
		free(one);
	}
	return ret;
}

int setup_check_mode(const char *path, struct fault *fault)
{
	struct stat info;

	if (stat(path, &info) || !S_ISREG(info.st_mode))
		return 0; /* opening it will say what is wrong */
	if (info.st_mode & (0022) ||
	    (info.st_uid && info.st_uid != geteuid()))
		return fault_set(fault, -EPERM,
				 "'%s' is writable by others, who could become root: use chmod 600 and chown root",
				 path);
	if (info.st_mode & (0044))
		fprintf(stderr,
			"wgctl: warning: '%s' holds keys and is readable by others: use chmod 600\n",
			path);
	return 0;
}

/* A comment of that form may not be meant for us. */
static void warn_of_masquerade(const struct conf *conf)
{
	size_t line;
	char *value = conf_setting(conf, SETUP_MASQUERADE, &line);
	bool unused;

	if (value && !value_bool(&unused, value))
		fprintf(stderr,
			"wgctl: warning: %s:%zu: '# %s = %s' is neither true nor false: ignored\n",
			conf->path, line, SETUP_MASQUERADE, SHOWN(value));
	free(value);
}

static int load_parts(struct setup *setup, enum conf_strictness strictness,
		      struct fault *fault)
{
	int ret = setup_check_mode(setup->path, fault);

	if (ret)
		return ret;
	setup->conf = conf_load(setup->path, fault);
	if (!setup->conf)
		return fault->code;
	setup->tunnel = conf_to_tunnel(setup->conf, strictness, fault);
	if (!setup->tunnel)
		return fault->code;
	warn_of_masquerade(setup->conf);
	return setup_read(setup, setup->conf, fault) ?:
	       tunnel_set_name(setup->tunnel, setup->name, fault);
}

/* The tunnel's name is the word's, whatever its file is a link to. */
static char *find(struct setup *setup, const char *word, const char *known,
		  struct fault *fault)
{
	if (!known)
		return setup_find(word, setup->name, fault);
	snprintf(setup->name, sizeof(setup->name), "%s", word);
	return xstrdup(known);
}

struct setup *setup_load(const char *word, const char *known,
			 enum conf_strictness strictness, struct fault *fault)
{
	struct setup *setup = xcalloc(1, sizeof(*setup));

	setup->path = find(setup, word, known, fault);
	if (setup->path && !load_parts(setup, strictness, fault))
		return setup;
	setup_free(setup);
	return NULL;
}

struct setup *setup_load_partly(const char *word, const char *known,
				struct fault *fault)
{
	struct setup *setup = xcalloc(1, sizeof(*setup));
	struct fault ignored;

	setup->is_partial = true;
	setup->path = find(setup, word, known, &ignored);
	if (setup->path && setup_check_mode(setup->path, fault)) {
		setup_free(setup);
		return NULL;
	}
	if (setup->path)
		setup->conf = conf_load_partly(setup->path, &ignored);
	if (setup->conf)
		setup_read(setup, setup->conf, &ignored);
	return setup;
}
