// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "try.h"

static void fail(struct try *attempt)
{
	attempt->cb(attempt, TRY_FAILED, (struct dns_reply){0});
}

/* How many octets the message has that is coming in, its length included; two until that is known. */
static size_t size_wanted(const struct try *attempt)
{
	return attempt->done < 2 ? 2 : 2u + dns_get16(attempt->buffer);
}

static void write_on(struct try *attempt)
{
	ssize_t n = send(attempt->fd, attempt->buffer + attempt->done,
			 attempt->size - attempt->done, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail(attempt);
		return;
	}
	attempt->done += (size_t)n;
	attempt->is_sending = attempt->done < attempt->size;
	if (!attempt->is_sending)
		attempt->done = 0;
}

static void read_on(struct try *attempt)
{
	ssize_t n = recv(attempt->fd, attempt->buffer + attempt->done,
			 size_wanted(attempt) - attempt->done, 0);
	enum dns_match_verdict verdict;
	struct dns_reply reply;

	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR))
			fail(attempt);
		return;
	}
	attempt->done += (size_t)n;
	if (attempt->done < 2 || attempt->done < size_wanted(attempt))
		return;
	reply = (struct dns_reply){attempt->buffer + 2, attempt->done - 2};
	/* Nobody else can write here: what does not match, or is truncated, comes from a broken upstream. The case of letters protects nothing. */
	verdict = dns_question_match(&attempt->question, reply);
	attempt->cb(attempt,
		    verdict == DNS_REPLY_MATCHES || verdict == DNS_REPLY_OTHER_CASE ? TRY_ANSWERED
										    : TRY_FAILED,
		    reply);
}

static void ready(uv_poll_t *poll, int status, int events)
{
	struct try *attempt = poll->data;

	(void)events;
	if (status < 0)
		fail(attempt);
	else if (attempt->is_sending)
		write_on(attempt);
	else
		read_on(attempt);
	if (!uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, attempt->is_sending ? UV_WRITABLE : UV_READABLE, ready);
}

int try_tcp_start(struct try *attempt, uv_loop_t *loop, const struct dns_upstream_conf *to)
{
	_close_ int fd = try_socket(to, SOCK_STREAM);
	const struct dns_question *question = &attempt->question;
	int ret;

	if (fd < 0)
		return fd;
	attempt->buffer = malloc(2 + DNS_MESSAGE_MAX);
	if (!attempt->buffer)
		return -ENOMEM;
	dns_put16(attempt->buffer, (__u16)question->length);
	memcpy(attempt->buffer + 2, question->message, question->length);
	attempt->size = 2 + question->length;
	attempt->is_sending = true;
	ret = uv_poll_init_socket(loop, &attempt->poll, fd);
	if (ret) {
		free(TAKE_PTR(attempt->buffer));
		return ret;
	}
	attempt->poll.data = attempt;
	attempt->fd = TAKE_FD(fd);
	/* Fails for a handle that is none. */
	uv_poll_start(&attempt->poll, UV_WRITABLE, ready);
	return 0;
}
