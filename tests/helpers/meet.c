// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * meet [-w MS] LOCAL REMOTE: a TCP connection between two that both connect, neither of whom listens (simultaneous open).
 *
 * Prints "seen as ADDRESS:PORT", which each tells the other, or why there is no connection. The exit
 * status is 0 if both heard each other.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

/* Waits until the socket is writable; an errno, ETIMEDOUT if it takes longer. */
static int wait_connected(int fd, int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof(error);

	if (poll(&poll_fd, 1, wait_ms) <= 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return errno;
	return error;
}

/* Tells the other side its address as it is seen here. */
static void tell(int fd)
{
	union endpoint peer;
	socklen_t size = sizeof(peer);
	char text[ENDPOINT_TEXT];

	if (getpeername(fd, &peer.any, &size) < 0)
		die("no peer: %s", strerror(errno));
	endpoint_format(&peer, text);
	if (write(fd, text, strlen(text)) < 0)
		die("cannot send: %s", strerror(errno));
}

static int hear(int fd, int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char text[ENDPOINT_TEXT];
	ssize_t got;

	if (poll(&poll_fd, 1, wait_ms) <= 0)
		return ETIMEDOUT;
	got = read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return got ? errno : ECONNRESET;
	printf("seen as %.*s\n", (int)got, text);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	union endpoint local, remote;
	int wait_ms = 10000, option, fd, error;

	while ((option = getopt(argc, argv, "w:")) != -1) {
		if (option != 'w')
			die("usage: meet [-w MS] LOCAL REMOTE");
		wait_ms = (int)number_parse(optarg, 1, 600000, "wait");
	}
	if (argc - optind != 2)
		die("usage: meet [-w MS] LOCAL REMOTE");
	local = endpoint_parse(argv[optind], 0);
	remote = endpoint_parse(argv[optind + 1], 0);
	fd = socket_bound(&local, SOCK_STREAM);
	if (connect(fd, &remote.any, endpoint_size(&remote)) < 0 && errno != EINPROGRESS)
		die("cannot connect: %s", strerror(errno));
	error = wait_connected(fd, wait_ms);
	if (!error) {
		tell(fd);
		error = hear(fd, wait_ms);
	}
	if (error)
		puts(strerror(error));
	return error != 0;
}
