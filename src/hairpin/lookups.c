// SPDX-License-Identifier: GPL-2.0-or-later
#include "lookups.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As many at once as glibc's own asks. */
#define THREADS_MAX 20

struct lookup {
	char name[LIMIT_DOMAIN_NAME + 1]; /* nobody writes it once threads run */
	bool is_answered;
	int error;
	struct addrinfo *answers;
};

struct lookups {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	size_t n;
	size_t next; /* that nobody has taken yet */
	size_t n_answered;
	unsigned int n_users; /* threads, and the caller; the last one frees it */
	struct lookup at[];
};

struct lookups *lookups_new(size_t n)
{
	struct lookups *lookups = calloc(1, sizeof(*lookups) + n * sizeof(lookups->at[0]));
	pthread_condattr_t clock;

	if (!lookups)
		return NULL;
	lookups->n = n;
	lookups->n_users = 1;
	pthread_mutex_init(&lookups->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&lookups->answered, &clock);
	pthread_condattr_destroy(&clock);
	return lookups;
}

/* With the lock, which it gives up. */
static void leave(struct lookups *lookups)
{
	bool is_last = --lookups->n_users == 0;

	pthread_mutex_unlock(&lookups->lock);
	if (!is_last)
		return;
	for (size_t i = 0; i < lookups->n; i++) {
		if (lookups->at[i].answers)
			freeaddrinfo(lookups->at[i].answers);
	}
	pthread_cond_destroy(&lookups->answered);
	pthread_mutex_destroy(&lookups->lock);
	free(lookups);
}

void lookups_free(struct lookups *lookups)
{
	if (!lookups)
		return;
	pthread_mutex_lock(&lookups->lock);
	/* Threads that are late ask nothing more. */
	lookups->next = lookups->n;
	leave(lookups);
}

void lookups_set(struct lookups *lookups, size_t i, const char *name)
{
	snprintf(lookups->at[i].name, sizeof(lookups->at[i].name), "%s", name);
}

static void *work(void *data)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct lookups *lookups = data;

	pthread_mutex_lock(&lookups->lock);
	while (lookups->next < lookups->n) {
		struct lookup *lookup = &lookups->at[lookups->next++];
		struct addrinfo *answers = NULL;
		int error;

		pthread_mutex_unlock(&lookups->lock);
		error = getaddrinfo(lookup->name, NULL, &hints, &answers);
		pthread_mutex_lock(&lookups->lock);
		lookup->error = error;
		lookup->answers = error ? NULL : answers;
		lookup->is_answered = true;
		lookups->n_answered++;
		pthread_cond_signal(&lookups->answered);
	}
	leave(lookups);
	return NULL;
}

/* With the lock. Where no thread can be made, nothing is answered. */
static void threads_start(struct lookups *lookups)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (size_t i = 0; i < lookups->n && i < THREADS_MAX; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &attributes, work, lookups))
			break;
		lookups->n_users++;
	}
	pthread_attr_destroy(&attributes);
}

void lookups_run(struct lookups *lookups, unsigned int seconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&lookups->lock);
	threads_start(lookups);
	while (lookups->n_users > 1 && lookups->n_answered < lookups->n &&
	       pthread_cond_timedwait(&lookups->answered, &lookups->lock, &end) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&lookups->lock);
}

bool lookups_take(struct lookups *lookups, size_t i, int *ret_error, struct addrinfo **ret_answers)
{
	struct lookup *lookup = &lookups->at[i];
	bool is_answered;

	pthread_mutex_lock(&lookups->lock);
	is_answered = lookup->is_answered;
	*ret_error = lookup->error;
	*ret_answers = lookup->answers;
	lookup->answers = NULL;
	pthread_mutex_unlock(&lookups->lock);
	return is_answered;
}
