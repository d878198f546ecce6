/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel threads that do the same thing until a test case has seen enough. */
#ifndef _WG_TESTS_KUNIT_THREADS_H
#define _WG_TESTS_KUNIT_THREADS_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#define THREADS 3

/**
 * struct threads - what runs beside a test case
 * @round: one round of what each thread does; returns the mistakes it saw
 * @context: for @round
 * @rounds: how many were done, by all
 * @mistakes: how many were seen, by all
 * @tasks: the threads, NULL where one could not be made
 */
struct threads {
	unsigned int (*round)(void *context);
	void *context;
	atomic_t rounds;
	atomic_t mistakes;
	struct task_struct *tasks[THREADS];
};

static inline int threads_run(void *data)
{
	struct threads *threads = data;

	while (!kthread_should_stop()) {
		atomic_add(threads->round(threads->context),
			   &threads->mistakes);
		atomic_inc(&threads->rounds);
		cond_resched();
	}
	return 0;
}

static inline void threads_start(struct threads *threads,
				 unsigned int (*round)(void *context),
				 void *context)
{
	struct task_struct *task;
	unsigned int i;

	memset(threads, 0, sizeof(*threads));
	threads->round = round;
	threads->context = context;
	for (i = 0; i < THREADS; i++) {
		task = kthread_run(threads_run, threads, "wg-kunit-%u", i);
		threads->tasks[i] = IS_ERR(task) ? NULL : task;
	}
}

/* Let the others run too, where there are fewer CPUs than threads. */
static inline void threads_give_way(struct threads *threads)
{
	int before = atomic_read(&threads->rounds);

	while (threads->tasks[0] && atomic_read(&threads->rounds) == before)
		usleep_range(10, 50);
}

/* End the threads. They must have run, and seen nothing wrong. */
static inline void threads_stop(struct kunit *test, struct threads *threads)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		KUNIT_EXPECT_NOT_NULL(test, threads->tasks[i]);
		if (threads->tasks[i])
			kthread_stop(threads->tasks[i]);
	}
	KUNIT_EXPECT_GE(test, atomic_read(&threads->rounds), THREADS);
	KUNIT_EXPECT_EQ(test, atomic_read(&threads->mistakes), 0);
}

#endif
