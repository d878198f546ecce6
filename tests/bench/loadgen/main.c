// SPDX-License-Identifier: GPL-2.0
/*
 * The commands:
 *
 *	serve port=P			TCP, sink and echo on P, P+1, P+2
 *	stop				end all servers
 *	tcp to=A port=P up=N down=N	N connections each way
 *	tcp ... peers=N			to N addresses in turns, 256 apart
 *	udp to=A port=P size=B segment=S	datagrams, or GSO sends of B bytes
 *	udp ... peers=N			to N addresses in turns, 256 apart
 *	flood to=A port=P size=B segment=S head=HEX	GSO sends to port P itself
 *	calm				end the flood; how much it was
 *	first to=A port=P size=B peers=N	a datagram to each, until all are there
 *	rr to=A port=P size=B count=N gap=US	one datagram there and back
 *	aead size=B			seal and open B bytes, N times
 *	x25519				make a key, and a shared secret
 *
 * tcp, udp and aead take ms=M; tcp and udp take warm=M.
 */
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

/* Older kernels have it in kernel.h. */
#if __has_include(<linux/hex.h>)
#include <linux/hex.h>
#endif

#include "loadgen.h"

#define LOADGEN_NAME	"wg_loadgen"

struct loadgen_file {
	struct seq_buf answer;
	size_t taken;
	char text[512];
};

static DEFINE_MUTEX(loadgen_mutex); /* one command at a time */

static const struct {
	const char *verb;
	int (*run)(const struct loadgen_args *args, struct seq_buf *out);
} loadgen_verbs[] = {
	{ "serve", loadgen_serve },
	{ "stop", loadgen_stop },
	{ "tcp", loadgen_tcp },
	{ "udp", loadgen_udp },
	{ "flood", loadgen_flood },
	{ "calm", loadgen_calm },
	{ "first", loadgen_first },
	{ "rr", loadgen_rr },
	{ "aead", loadgen_aead },
	{ "x25519", loadgen_x25519 },
};

static int loadgen_number(struct loadgen_args *args, const char *key,
			  const char *value)
{
	const struct {
		const char *key;
		unsigned int *to;
		unsigned int max;
	} numbers[] = {
		{ "size", &args->size, 65535 },
		{ "segment", &args->segment, 65535 },
		{ "peers", &args->peers, 4096 },
		{ "up", &args->up, LOADGEN_STREAMS_MAX },
		{ "down", &args->down, LOADGEN_STREAMS_MAX },
		{ "warm", &args->warm_ms, 60000 },
		{ "ms", &args->run_ms, 60000 },
		{ "count", &args->count, 1000000 },
		{ "gap", &args->gap_us, 1000000 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strcmp(key, numbers[i].key))
			continue;
		if (kstrtouint(value, 10, numbers[i].to))
			return -EINVAL;
		return *numbers[i].to <= numbers[i].max ? 0 : -ERANGE;
	}
	return -EINVAL;
}

static int loadgen_head(struct loadgen_args *args, const char *hex)
{
	args->head_len = strlen(hex) / 2;
	if (args->head_len > sizeof(args->head))
		return -EINVAL;
	return hex2bin(args->head, hex, args->head_len);
}

static int loadgen_word(struct loadgen_args *args, char *word)
{
	char *key = strsep(&word, "=");
	u16 port;

	if (!word)
		return -EINVAL;
	if (!strcmp(key, "to"))
		return in4_pton(word, -1, (u8 *)&args->to.sin_addr, -1, NULL) ?
			0 : -EINVAL;
	if (!strcmp(key, "port")) {
		if (kstrtou16(word, 10, &port))
			return -EINVAL;
		args->to.sin_port = htons(port);
		return 0;
	}
	if (!strcmp(key, "head"))
		return loadgen_head(args, word);
	return loadgen_number(args, key, word);
}

static int loadgen_command(char *line, struct seq_buf *out)
{
	struct loadgen_args args = {
		.net = current->nsproxy->net_ns,
		.to.sin_family = AF_INET,
		.to.sin_port = htons(9000),
		.size = 64,
		.peers = 1,
		.up = 1,
		.warm_ms = 200,
		.run_ms = 1000,
		.count = 10000,
		.gap_us = 100,
	};
	char *verb, *word;
	int i, err;

	line = strim(line);
	verb = strsep(&line, " ");
	while ((word = strsep(&line, " "))) {
		if (!*word)
			continue;
		err = loadgen_word(&args, word);
		if (err)
			return err;
	}
	if (!args.size || !args.peers || args.segment > args.size)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(loadgen_verbs); i++)
		if (!strcmp(verb, loadgen_verbs[i].verb))
			return loadgen_verbs[i].run(&args, out);
	return -EINVAL;
}

static int loadgen_open(struct inode *inode, struct file *file)
{
	struct loadgen_file *state = kzalloc(sizeof(*state), GFP_KERNEL);

	if (!state)
		return -ENOMEM;
	seq_buf_init(&state->answer, state->text, sizeof(state->text));
	file->private_data = state;
	return stream_open(inode, file);
}

static int loadgen_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t loadgen_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	struct loadgen_file *state = file->private_data;
	char line[512];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, len))
		return -EFAULT;
	line[len] = 0;
	if (mutex_lock_interruptible(&loadgen_mutex))
		return -ERESTARTSYS;
	seq_buf_clear(&state->answer);
	state->taken = 0;
	err = loadgen_command(line, &state->answer);
	mutex_unlock(&loadgen_mutex);
	return err ?: len;
}

static ssize_t loadgen_read(struct file *file, char __user *to, size_t len,
			    loff_t *pos)
{
	struct loadgen_file *state = file->private_data;

	len = min(len, seq_buf_used(&state->answer) - state->taken);
	if (copy_to_user(to, state->text + state->taken, len))
		return -EFAULT;
	state->taken += len;
	return len;
}

static const struct proc_ops loadgen_ops = {
	.proc_open	= loadgen_open,
	.proc_release	= loadgen_release,
	.proc_write	= loadgen_write,
	.proc_read	= loadgen_read,
};

static int __init loadgen_init(void)
{
	return proc_create(LOADGEN_NAME, 0600, NULL, &loadgen_ops) ? 0
								   : -ENOMEM;
}

static void __exit loadgen_exit(void)
{
	remove_proc_entry(LOADGEN_NAME, NULL);
	loadgen_stop(NULL, NULL);
}

module_init(loadgen_init);
module_exit(loadgen_exit);
MODULE_DESCRIPTION("Traffic source and sink inside the kernel");
MODULE_LICENSE("GPL");
