// SPDX-License-Identifier: GPL-2.0-or-later
#include "igd_worker.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Descriptors of this process: its few sockets, the channel, and what a job has open. */
#define FDS_MAX 64

static void *work(void *data)
{
	struct igd_worker *worker = data;
	const __u64 one = 1;

	pthread_mutex_lock(&worker->lock);
	for (;;) {
		while (worker->state != IGD_WORKER_BUSY)
			pthread_cond_wait(&worker->wake, &worker->lock);
		pthread_mutex_unlock(&worker->lock);
		igd_job_run(&worker->job);
		pthread_mutex_lock(&worker->lock);
		worker->state = IGD_WORKER_DONE;
		/* An eventfd with room for 2^64 of them takes it. */
		while (write(worker->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
	}
	return NULL;
}

int igd_worker_start(struct igd_worker *worker)
{
	memset(worker, 0, sizeof(*worker));
	worker->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->done_fd < 0)
		return -errno;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wake, NULL);
	return -pthread_create(&worker->thread, NULL, work, worker);
}

struct igd_job *igd_worker_prepare(struct igd_worker *worker)
{
	bool is_free;

	pthread_mutex_lock(&worker->lock);
	is_free = worker->state == IGD_WORKER_IDLE;
	pthread_mutex_unlock(&worker->lock);
	if (!is_free)
		return NULL;
	memset(&worker->job, 0, sizeof(worker->job));
	return &worker->job;
}

void igd_worker_run(struct igd_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->state = IGD_WORKER_BUSY;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

const struct igd_job *igd_worker_take(struct igd_worker *worker)
{
	const struct igd_job *job = NULL;
	__u64 n;

	if (read(worker->done_fd, &n, sizeof(n)) != sizeof(n))
		return NULL;
	pthread_mutex_lock(&worker->lock);
	if (worker->state == IGD_WORKER_DONE) {
		worker->state = IGD_WORKER_IDLE;
		job = &worker->job;
	}
	pthread_mutex_unlock(&worker->lock);
	return job;
}

/*
 * libminiupnpc does not say which descriptor it has. It is the only one here that speaks TCP: all others are datagrams, of UDP or to the daemon. One that is closed
 * meanwhile, or a new one under its number, is the job's too.
 */
void igd_worker_cut(struct igd_worker *worker)
{
	(void)worker;
	for (int fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++) {
		int type = 0;
		socklen_t length = sizeof(type);

		if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) && type == SOCK_STREAM)
			shutdown(fd, SHUT_RDWR);
	}
}
