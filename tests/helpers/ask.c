// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask [-t] [-b ADDRESS] [-p PORT] [-w MS] [-k] DESTINATION...
 *
 * Asks each destination, all from one local port, and prints one line for each: what it answered, or "no
 * answer", or why there can be none. The exit status is 0 if all answered, 1 if not.
 *   -t  TCP: one connection for each destination, open at the same time, from the same local port if -p names one
 *   -b  local address       -p  local port       -w  how long to wait, default 3000 ms
 *   -k  UDP: then goes on, answering like echod and printing "from ADDRESS:PORT" for each datagram
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define QUESTION "who am I?"
#define DESTINATIONS_MAX 64

struct question {
	union endpoint to;
	bool answered;
	char answer[128];
};

struct asker {
	bool tcp, keep;
	const char *address;
	uint16_t port;
	int wait_ms;
	struct question questions[DESTINATIONS_MAX];
	size_t n_questions;
};

static int left_ms(uint64_t deadline_ns)
{
	uint64_t now = now_ns();

	return now >= deadline_ns ? 0 : (int)((deadline_ns - now) / 1000000 + 1);
}

static void answer_set(struct question *question, const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == '\n')
		length--;
	snprintf(question->answer, sizeof(question->answer), "%.*s", (int)length, text);
}

static union endpoint local_of(const struct asker *asker, const union endpoint *to)
{
	if (asker->address)
		return endpoint_parse(asker->address, asker->port);
	return endpoint_parse(to->any.sa_family == AF_INET ? "0.0.0.0" : "[::]", asker->port);
}

/* --- UDP ------------------------------------------------------------------------------------ */

static bool same_endpoint(const union endpoint *a, const union endpoint *b)
{
	char text_a[ENDPOINT_TEXT], text_b[ENDPOINT_TEXT];

	return strcmp(endpoint_format(a, text_a), endpoint_format(b, text_b)) == 0;
}

/* One datagram. Returns how many questions it settled; an ICMP error settles the only one. */
static size_t udp_take(struct asker *asker, int fd)
{
	char data[128];
	union endpoint from;
	socklen_t size = sizeof(from);
	ssize_t got = recvfrom(fd, data, sizeof(data), 0, &from.any, &size);

	if (got < 0 && errno != EAGAIN && asker->n_questions == 1) {
		answer_set(&asker->questions[0], strerror(errno), strlen(strerror(errno)));
		return 1;
	}
	if (got < 0)
		return 0;
	for (size_t i = 0; i < asker->n_questions; i++) {
		struct question *question = &asker->questions[i];

		if (question->answered || !same_endpoint(&question->to, &from))
			continue;
		question->answered = true;
		answer_set(question, data, (size_t)got);
		return 1;
	}
	return 0;
}

static void udp_ask(struct asker *asker, int fd)
{
	uint64_t deadline = now_ns() + (uint64_t)asker->wait_ms * 1000000;
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	size_t answered = 0;
	int one = 1;

	/* So that an ICMP error is heard, though the socket is connected to nobody. */
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
	for (size_t i = 0; i < asker->n_questions; i++) {
		struct question *question = &asker->questions[i];

		if (sendto(fd, QUESTION, strlen(QUESTION), 0, &question->to.any,
			   endpoint_size(&question->to)) < 0)
			answer_set(question, strerror(errno), strlen(strerror(errno)));
	}
	while (answered < asker->n_questions && left_ms(deadline) > 0) {
		poll(&poll_fd, 1, left_ms(deadline));
		answered += udp_take(asker, fd);
	}
}

/* A line for each datagram, with flushing: a script waits for it. */
static void udp_keep(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	for (;;) {
		char data[128], text[ENDPOINT_TEXT];
		union endpoint from;
		socklen_t size = sizeof(from);

		poll(&poll_fd, 1, -1);
		if (recvfrom(fd, data, sizeof(data), 0, &from.any, &size) < 0)
			continue;
		printf("from %s\n", endpoint_format(&from, text));
		fflush(stdout);
		sendto(fd, text, strlen(text), 0, &from.any, size);
	}
}

/* --- TCP ------------------------------------------------------------------------------------ */

static int tcp_open(const struct asker *asker, struct question *question)
{
	union endpoint local = local_of(asker, &question->to);
	int fd = socket_bound(&local, SOCK_STREAM);

	if (connect(fd, &question->to.any, endpoint_size(&question->to)) < 0 &&
	    errno != EINPROGRESS)
		answer_set(question, strerror(errno), strlen(strerror(errno)));
	return fd;
}

static void tcp_take(struct question *question, int fd, int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char data[128];
	ssize_t got;

	if (poll(&poll_fd, 1, wait_ms) <= 0)
		return;
	got = read(fd, data, sizeof(data));
	question->answered = got > 0;
	if (got > 0)
		answer_set(question, data, (size_t)got);
	else if (got < 0)
		answer_set(question, strerror(errno), strlen(strerror(errno)));
}

static void tcp_ask(struct asker *asker)
{
	uint64_t deadline = now_ns() + (uint64_t)asker->wait_ms * 1000000;
	int fds[DESTINATIONS_MAX];

	for (size_t i = 0; i < asker->n_questions; i++)
		fds[i] = tcp_open(asker, &asker->questions[i]);
	for (size_t i = 0; i < asker->n_questions; i++)
		tcp_take(&asker->questions[i], fds[i], left_ms(deadline));
	for (size_t i = 0; i < asker->n_questions; i++)
		close(fds[i]);
}

/* --- both ----------------------------------------------------------------------------------- */

static int report(const struct asker *asker)
{
	int status = 0;

	for (size_t i = 0; i < asker->n_questions; i++) {
		const struct question *question = &asker->questions[i];

		puts(question->answer[0] ? question->answer : "no answer");
		if (!question->answered)
			status = 1;
	}
	fflush(stdout);
	return status;
}

static void options_parse(struct asker *asker, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "tkb:p:w:")) != -1) {
		if (option == 't')
			asker->tcp = true;
		else if (option == 'k')
			asker->keep = true;
		else if (option == 'b')
			asker->address = optarg;
		else if (option == 'p')
			asker->port = (uint16_t)number_parse(optarg, 0, 65535, "port");
		else if (option == 'w')
			asker->wait_ms = (int)number_parse(optarg, 1, 600000, "wait");
		else
			die("usage: ask [-tk] [-b ADDRESS] [-p PORT] [-w MS] DESTINATION...");
	}
	if (optind == argc || argc - optind > DESTINATIONS_MAX)
		die("from 1 to %d destinations, and these are %d", DESTINATIONS_MAX, argc - optind);
	for (int i = optind; i < argc; i++)
		asker->questions[asker->n_questions++].to = endpoint_parse(argv[i], 0);
}

int main(int argc, char **argv)
{
	static struct asker asker = {.wait_ms = 3000};
	union endpoint local;
	int fd, status;

	options_parse(&asker, argc, argv);
	if (asker.tcp) {
		tcp_ask(&asker);
		return report(&asker);
	}
	local = local_of(&asker, &asker.questions[0].to);
	fd = socket_bound(&local, SOCK_DGRAM);
	udp_ask(&asker, fd);
	status = report(&asker);
	if (asker.keep)
		udp_keep(fd);
	return status;
}
