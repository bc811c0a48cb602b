// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scan [-w MS] FIRST-LAST ADDRESS...: knocks on every port of every address, by TCP and UDP, round after round until
 * it is killed.
 *
 * Prints a line for every sign of life, "tcp 198.51.100.1:80 open" (or refused, unreachable, answered), and
 * "round N" after each round, N from 1. -w is how long a batch of ports may take to answer, default 200 ms.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "helper.h"

#define BATCH 1024

struct probe {
	union endpoint to;
	int type;
	int fd;
};

struct scan {
	int epoll;
	int wait_ms;
	unsigned int first, last;
	struct probe batch[BATCH];
	unsigned int used;
};

static void sign_print(const struct probe *probe, const char *sign)
{
	char text[ENDPOINT_TEXT];

	printf("%s %s %s\n", probe->type == SOCK_STREAM ? "tcp" : "udp",
	       endpoint_format(&probe->to, text), sign);
	fflush(stdout);
}

static void probe_failed(const struct probe *probe, int error)
{
	if (error == ECONNREFUSED)
		sign_print(probe, "refused");
	else if (error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES)
		sign_print(probe, "unreachable");
	else
		sign_print(probe, strerror(error));
}

static void probe_open(struct scan *scan, const union endpoint *to, int type)
{
	struct epoll_event event = {.events = (type == SOCK_STREAM ? EPOLLOUT : EPOLLIN) |
					      EPOLLONESHOT,
				    .data.u32 = scan->used};
	int fd = socket(to->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	/* A link that is away says so here at once; that is no answer of anybody. */
	if (connect(fd, &to->any, endpoint_size(to)) < 0 && errno != EINPROGRESS) {
		close(fd);
		return;
	}
	if (type == SOCK_DGRAM)
		send(fd, "?", 1, MSG_NOSIGNAL);
	if (epoll_ctl(scan->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll: %s", strerror(errno));
	scan->batch[scan->used++] = (struct probe){*to, type, fd};
}

static void probe_judge(const struct probe *probe)
{
	char data[16];
	int error = 0;
	socklen_t size = sizeof(error);

	getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		probe_failed(probe, error);
	else if (probe->type == SOCK_STREAM)
		sign_print(probe, "open");
	else if (recv(probe->fd, data, sizeof(data), 0) >= 0)
		sign_print(probe, "answered");
}

static void batch_finish(struct scan *scan)
{
	uint64_t end = now_ns() + (uint64_t)scan->wait_ms * 1000000;
	struct epoll_event events[64];

	for (uint64_t now = now_ns(); now < end; now = now_ns()) {
		int n = epoll_wait(scan->epoll, events, 64, (int)((end - now) / 1000000 + 1));

		for (int i = 0; i < n; i++)
			probe_judge(&scan->batch[events[i].data.u32]);
	}
	for (unsigned int i = 0; i < scan->used; i++)
		close(scan->batch[i].fd);
	scan->used = 0;
}

static void address_scan(struct scan *scan, const char *address)
{
	for (unsigned int port = scan->first; port <= scan->last; port++) {
		union endpoint to = endpoint_parse(address, 0);

		to.v4.sin_port = htons((uint16_t)port);
		probe_open(scan, &to, SOCK_STREAM);
		probe_open(scan, &to, SOCK_DGRAM);
		if (scan->used == BATCH)
			batch_finish(scan);
	}
}

static void ports_parse(struct scan *scan, char *text)
{
	char *dash = strchr(text, '-');

	if (!dash)
		die("'%s' is not FIRST-LAST", text);
	*dash = '\0';
	scan->first = (unsigned int)number_parse(text, 1, 65535, "first port");
	scan->last = (unsigned int)number_parse(dash + 1, scan->first, 65535, "last port");
}

int main(int argc, char **argv)
{
	static struct scan scan = {.wait_ms = 200};
	int option;

	while ((option = getopt(argc, argv, "w:")) != -1) {
		if (option != 'w')
			die("usage: scan [-w MS] FIRST-LAST ADDRESS...");
		scan.wait_ms = (int)number_parse(optarg, 1, 60000, "wait");
	}
	if (argc - optind < 2)
		die("usage: scan [-w MS] FIRST-LAST ADDRESS...");
	ports_parse(&scan, argv[optind]);
	descriptors_want(BATCH);
	scan.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int round = 1;; round++) {
		for (int i = optind + 1; i < argc; i++)
			address_scan(&scan, argv[i]);
		if (scan.used > 0)
			batch_finish(&scan);
		printf("round %u\n", round);
		fflush(stdout);
	}
}
