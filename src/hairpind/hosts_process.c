// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "clock.h"
#include "fd_message.h"
#include "file.h"
#include "hosts_conns.h"
#include "log.h"
#include "sandbox.h"

/* The daemon, listeners, connections. */
#define POLLED (1 + LIMIT_HOSTS_LISTENERS + LIMIT_HOSTS_CONNECTIONS)

struct process {
	int daemon;
	int listeners[LIMIT_HOSTS_LISTENERS];
	size_t n_listeners;
	__u32 generation;
	struct hosts_conns conns;
};

/* --- the daemon -------------------------------------------------------------------------------------- */

/* Takes the descriptors: what of them it has no use for is closed. Whoever is being answered asks again. */
static int setup_take(struct process *process, const struct hosts_message *message, int *fds,
		      size_t n)
{
	char *lines = NULL;
	size_t length = 0;
	int ret = n ? file_read_fd(fds[0], LIMIT_HOSTS_LINES_BYTES, &lines, &length) : -EINVAL;

	if (ret) {
		fds_close(fds, n);
		return ret;
	}
	close(fds[0]);
	hosts_conns_clear(&process->conns);
	free(process->conns.lines);
	process->conns.lines = lines;
	process->conns.length = length;
	fds_close(process->listeners, process->n_listeners);
	process->n_listeners = n - 1;
	memcpy(process->listeners, fds + 1, process->n_listeners * sizeof(*fds));
	process->generation = message->generation;
	return 0;
}

static int counts_send(const struct process *process)
{
	struct hosts_message message = {.type = HOSTS_MESSAGE_COUNTS};

	memcpy(message.counts, process->conns.counts, sizeof(message.counts));
	return fd_message_send(process->daemon, &message, sizeof(message), NULL, 0);
}

/* 0; -EAGAIN: there is nothing; else it is over. */
static int daemon_hear(struct process *process)
{
	struct hosts_message message;
	int fds[HOSTS_MESSAGE_FDS];
	size_t n = ARRAY_SIZE(fds);
	int ret = fd_message_receive(process->daemon, &message, sizeof(message), fds, &n);

	if (ret)
		return ret;
	if (message.type == HOSTS_MESSAGE_SETUP)
		return setup_take(process, &message, fds, n);
	fds_close(fds, n);
	if (message.type == HOSTS_MESSAGE_SIGNED && message.generation == process->generation)
		hosts_conns_signed(&process->conns, &message);
	else if (message.type == HOSTS_MESSAGE_ASK)
		return counts_send(process);
	return 0;
}

/* --- clients ----------------------------------------------------------------------------------------- */

static void accept_one(struct process *process, size_t listener)
{
	struct sockaddr_in from = {0};
	socklen_t length = sizeof(from);
	struct ip_addr client;
	int fd = accept4(process->listeners[listener], (struct sockaddr *)&from, &length,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	client = ip_addr_from_v4(from.sin_addr.s_addr);
	hosts_conns_add(&process->conns, fd, &client, (__u32)listener, clock_monotonic_ms());
}

static void conn_serve(struct process *process, struct hosts_conn *conn)
{
	struct hosts_message message;

	if (conn->state == HOSTS_CONN_SENDING) {
		hosts_conn_write(&process->conns, conn);
	} else if (hosts_conn_read(&process->conns, conn, clock_monotonic_ms(), &message)) {
		message.generation = process->generation;
		/* A daemon that has no time now: the connection waits for its deadline. */
		fd_message_send(process->daemon, &message, sizeof(message), NULL, 0);
	}
}

static size_t polled_fill(const struct process *process, struct pollfd *polled)
{
	size_t n = 0;

	polled[n++] = (struct pollfd){.fd = process->daemon, .events = POLLIN};
	for (size_t i = 0; i < process->n_listeners; i++)
		polled[n++] = (struct pollfd){.fd = process->listeners[i], .events = POLLIN};
	/* -1 is looked over. One that waits for the daemon may have left: its deadline tells. */
	for (size_t i = 0; i < LIMIT_HOSTS_CONNECTIONS; i++) {
		const struct hosts_conn *conn = &process->conns.list[i];
		bool waits = conn->state == HOSTS_CONN_SIGNING;

		polled[n++] = (struct pollfd){.fd = waits ? -1 : conn->fd,
					      .events = conn->state == HOSTS_CONN_SENDING ? POLLOUT
											  : POLLIN};
	}
	return n;
}

/* Connections before listeners, so that a place means the same connection that was asked about; the daemon last, who may change the listeners. */
static int polled_serve(struct process *process, const struct pollfd *polled)
{
	const struct pollfd *listeners = polled + 1;
	const struct pollfd *conns = listeners + process->n_listeners;
	int ret = 0;

	for (size_t i = 0; i < LIMIT_HOSTS_CONNECTIONS; i++) {
		if (conns[i].fd >= 0 && conns[i].revents)
			conn_serve(process, &process->conns.list[i]);
	}
	for (size_t i = 0; i < process->n_listeners; i++) {
		if (listeners[i].revents)
			accept_one(process, i);
	}
	if (polled[0].revents)
		ret = daemon_hear(process);
	return ret == -EAGAIN ? 0 : ret;
}

int hosts_process_run(int daemon)
{
	static struct process process; /* some 30 kB */
	struct pollfd polled[POLLED];
	int ret = sandbox_enter(&sandbox_hosts);

	if (!ret && fcntl(daemon, F_SETFL, O_NONBLOCK))
		ret = -errno;
	process.daemon = daemon;
	hosts_conns_init(&process.conns);
	while (!ret) {
		int wait_ms = hosts_conns_expire(&process.conns, clock_monotonic_ms());
		size_t n = polled_fill(&process, polled);

		if (poll(polled, n, wait_ms) >= 0)
			ret = polled_serve(&process, polled);
		else if (errno != EINTR)
			ret = -errno;
	}
	if (ret != -EPIPE)
		log_error("the hosts service: %s", strerror(-ret));
	return ret != -EPIPE;
}
