// SPDX-License-Identifier: GPL-2.0-or-later
#include "apart.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

/*
 * What runs in the other namespace runs on a thread that ends there: the rest of the process never leaves its own. Not a forked child, out
 * of which a socket would have to be passed.
 */
struct visit {
	int (*act)(void *data, struct strbuf *why);
	void *data;
	int netns;
	struct strbuf *why;
	int ret;
};

static void *visit_run(void *data)
{
	struct visit *visit = data;
	int ret = visit->netns >= 0 ? setns(visit->netns, CLONE_NEWNET) : unshare(CLONE_NEWNET);

	if (ret) {
		visit->ret = -errno;
		strbuf_add(visit->why, "a network namespace cannot be %s: %s",
			   visit->netns >= 0 ? "entered" : "made", strerror(errno));
		return NULL;
	}
	visit->ret = visit->act(visit->data, visit->why);
	return NULL;
}

int apart_run(int netns, int (*act)(void *data, struct strbuf *why), void *data, struct strbuf *why)
{
	struct visit visit = {.act = act, .data = data, .netns = netns, .why = why};
	pthread_t thread;
	int ret = pthread_create(&thread, NULL, visit_run, &visit);

	if (ret) {
		strbuf_add(why, "no thread: %s", strerror(ret));
		return -ret;
	}
	pthread_join(thread, NULL);
	return visit.ret;
}
