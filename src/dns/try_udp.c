// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "try.h"

int try_socket(const struct dns_upstream_conf *to, int type)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
	bool is_v4 = ip_addr_is_v4(&to->addr);
	_close_ int fd = socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	if (is_v4)
		v4.sin_addr.s_addr = ip_addr_v4(&to->addr);
	else
		memcpy(&v6.sin6_addr, to->addr.b, sizeof(v6.sin6_addr));
	/* Connected: the kernel chooses the port at random, takes from this address alone, and tells of ICMP errors. */
	ret = is_v4 ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
		    : connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (ret && errno != EINPROGRESS)
		return -errno;
	return TAKE_FD(fd);
}

static void freed(uv_handle_t *handle)
{
	struct try *attempt = handle->data;

	close(attempt->fd);
	free(attempt->buffer);
	free(attempt);
}

void try_end(struct try *attempt)
{
	if (attempt->end) {
		attempt->end(attempt);
		return;
	}
	if (uv_is_closing((uv_handle_t *)&attempt->poll))
		return;
	uv_poll_stop(&attempt->poll);
	uv_close((uv_handle_t *)&attempt->poll, freed);
}

static const enum try_result results[] = {
	[DNS_REPLY_MATCHES] = TRY_ANSWERED, [DNS_REPLY_TRUNCATED] = TRY_TRUNCATED,
	[DNS_REPLY_BROKEN] = TRY_FAILED,    [DNS_REPLY_OTHER_CASE] = TRY_OTHER_CASE,
	[DNS_REPLY_ALIEN] = TRY_MISMATCH,   [DNS_REPLY_UNREAD] = TRY_UNREAD,
};

static void readable(uv_poll_t *poll, int status, int events)
{
	struct try *attempt = poll->data;
	__u8 message[DNS_UDP_MAX * 4];
	struct dns_reply reply = {.message = message};
	ssize_t n;

	(void)events;
	/* What does not match is read and forgotten: behind it may be the answer. */
	while (!uv_is_closing((uv_handle_t *)poll)) {
		n = status < 0 ? -1 : recv(attempt->fd, message, sizeof(message), MSG_TRUNC);
		if (n < 0 && status >= 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			attempt->cb(attempt, TRY_FAILED, (struct dns_reply){0});
			return;
		}
		reply.length = (size_t)n;
		attempt->cb(attempt,
			    reply.length > sizeof(message)
				    ? TRY_MISMATCH
				    : results[dns_question_match(&attempt->question, reply)],
			    reply);
	}
}

int try_udp_start(struct try *attempt, uv_loop_t *loop, const struct dns_upstream_conf *to)
{
	_close_ int fd = try_socket(to, SOCK_DGRAM);
	const struct dns_question *question = &attempt->question;
	int ret;

	if (fd < 0)
		return fd;
	if (send(fd, question->message, question->length, 0) < 0)
		return -errno;
	ret = uv_poll_init_socket(loop, &attempt->poll, fd);
	if (ret)
		return ret;
	attempt->poll.data = attempt;
	attempt->fd = TAKE_FD(fd);
	/* Fails for a handle that is none. */
	uv_poll_start(&attempt->poll, UV_READABLE, readable);
	return 0;
}
