// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many_flows [-t] [-p FIRST-PORT] COUNT DESTINATION: opens COUNT flows to an echod, each from a socket of its own, and
 * holds them.
 *
 * Prints "answered N of COUNT" when every flow has answered or five seconds passed without an answer, and then stays until it is killed, so that
 * the flows are held. -p takes consecutive local ports, else the kernel chooses them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "helper.h"

#define FLOWS_MAX 60000
#define IDLE_MS 5000
/* Flows that wait for an answer at one time: a burst of them all would measure queues, not the NAT. */
#define WINDOW 128

struct flows {
	int epoll;
	int type;
	uint16_t first_port;
	unsigned int count, opened, answered, failed;
	union endpoint to;
};

static void flow_open(struct flows *flows)
{
	union endpoint local =
		endpoint_parse(flows->to.any.sa_family == AF_INET ? "0.0.0.0" : "[::]", 0);
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
	int fd;

	if (flows->first_port)
		local.v4.sin_port = htons((uint16_t)(flows->first_port + flows->opened));
	fd = flows->first_port ? socket_bound(&local, flows->type)
			       : socket_new(flows->to.any.sa_family, flows->type);
	flows->opened++;
	event.data.fd = fd;
	if (epoll_ctl(flows->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll: %s", strerror(errno));
	if (connect(fd, &flows->to.any, endpoint_size(&flows->to)) < 0 && errno != EINPROGRESS) {
		fprintf(stderr, "flow %u: connect: %s\n", flows->opened, strerror(errno));
		flows->failed++;
		return;
	}
	if (flows->type == SOCK_DGRAM && send(fd, "?", 1, 0) < 0) {
		fprintf(stderr, "flow %u: send: %s\n", flows->opened, strerror(errno));
		flows->failed++;
	}
}

static void flow_take(struct flows *flows, int fd)
{
	char data[ENDPOINT_TEXT];
	ssize_t got = read(fd, data, sizeof(data));

	if (got > 0) {
		flows->answered++;
		return;
	}
	fprintf(stderr, "a flow ended: %s\n", got == 0 ? "closed" : strerror(errno));
	flows->failed++;
}

static void flows_run(struct flows *flows)
{
	struct epoll_event events[WINDOW];

	while (flows->answered + flows->failed < flows->count) {
		int n;

		while (flows->opened < flows->count &&
		       flows->opened - flows->answered - flows->failed < WINDOW)
			flow_open(flows);
		n = epoll_wait(flows->epoll, events, WINDOW, IDLE_MS);
		if (n == 0)
			return;
		for (int i = 0; i < n; i++)
			flow_take(flows, events[i].data.fd);
	}
}

int main(int argc, char **argv)
{
	struct flows flows = {.epoll = epoll_create1(EPOLL_CLOEXEC), .type = SOCK_DGRAM};
	int option;

	while ((option = getopt(argc, argv, "tp:")) != -1) {
		if (option == 't')
			flows.type = SOCK_STREAM;
		else if (option == 'p')
			flows.first_port = (uint16_t)number_parse(optarg, 1, 65535, "port");
		else
			die("usage: many_flows [-t] [-p FIRST-PORT] COUNT DESTINATION");
	}
	if (argc - optind != 2)
		die("usage: many_flows [-t] [-p FIRST-PORT] COUNT DESTINATION");
	flows.count = (unsigned int)number_parse(argv[optind], 1, FLOWS_MAX, "count");
	flows.to = endpoint_parse(argv[optind + 1], 0);
	descriptors_want(flows.count);
	flows_run(&flows);
	printf("answered %u of %u\n", flows.answered, flows.count);
	fflush(stdout);
	pause();
	return 0;
}
