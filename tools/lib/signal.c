// SPDX-License-Identifier: GPL-2.0
#include "lib/signal.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t has_come;

static void take_note(int number)
{
	has_come = number;
}

/* System calls are not restarted, so that waiting for a program ends. */
static void handle_all(void (*handler)(int number))
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = handler };
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	/* who does not listen any more must not stop us half way */
	sigaction(SIGPIPE, &ignore, NULL);
}

void signal_init(void)
{
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
}

void signal_catch(void)
{
	handle_all(take_note);
}

void signal_ignore(void)
{
	handle_all(SIG_IGN);
	has_come = 0;
}

bool signal_caught(void)
{
	return has_come;
}

int signal_poll(struct pollfd *fds, unsigned int count, int timeout_ms)
{
	const struct timespec timeout = { timeout_ms / 1000,
					  timeout_ms % 1000 * 1000000L };
	sigset_t all, before;
	int ret = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!has_come)
		ret = ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout,
			    &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret < 0 ? 0 : ret;
}
