/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An upstream as the tests want it, on loopback and in the loop of what is tested, over UDP and TCP at one port. Include it behind cmocka.h.
 *
 * fake->behave is called with each question and answers as often as it likes, by fake_reply(); NULL is silence.
 */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "dns_fixture.h"

struct fake;

struct fake_question {
	struct fake *fake;
	struct octets message;
	struct sockaddr_in from; /* over UDP */
	struct fake_connection *connection; /* over TCP, else NULL */
};

struct fake {
	uv_loop_t *loop;
	__u16 port;
	void (*behave)(struct fake_question *question);
	const char *address; /* what an A record of it says */
	unsigned int over_udp, over_tcp; /* questions that came */
	struct fake_question last;
	int fd;
	uv_poll_t udp;
	uv_tcp_t tcp;
};

struct fake_connection {
	struct fake *fake;
	uv_tcp_t tcp;
	__u8 in[4096];
	size_t have;
};

struct fake_write {
	uv_write_t write;
	__u8 octets[2 + sizeof(((struct octets *)0)->at)];
};

static inline void fake_written(uv_write_t *write, int status _unused_)
{
	free(write->data);
}

static inline void fake_reply(struct fake_question *question, const struct octets *o)
{
	struct fake_write *w;
	uv_buf_t buf;

	if (!question->connection) {
		assert_int_equal(sendto(question->fake->fd, o->at, o->n, 0,
					(struct sockaddr *)&question->from, sizeof(question->from)),
				 o->n);
		return;
	}
	w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->write.data = w;
	dns_put16(w->octets, (__u16)o->n);
	memcpy(w->octets + 2, o->at, o->n);
	buf = uv_buf_init((char *)w->octets, (unsigned int)(2 + o->n));
	assert_int_equal(uv_write(&w->write, (uv_stream_t *)&question->connection->tcp, &buf, 1,
				  fake_written),
			 0);
}

/* Header and question of an answer to it, OPT left off. */
static inline struct octets fake_answer_begin(const struct fake_question *question,
					      unsigned int rcode)
{
	struct octets o = question->message;
	struct dns_cursor cursor;

	assert_int_equal(dns_cursor_begin(o.at, o.n, &cursor), 0);
	o.n = cursor.at;
	dns_put16(o.at + 2, (__u16)(DNS_QR | DNS_RD | DNS_RA | rcode));
	dns_put16(o.at + 10, 0);
	return o;
}

/* With one A record: fake->address. */
static inline struct octets fake_answer(const struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, 0);
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, question->fake->address, &address), 1);
	dns_put16(o.at + 6, 1);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, 300, &address, 4);
	return o;
}

static inline void fake_honest(struct fake_question *question)
{
	struct octets o = fake_answer(question);

	fake_reply(question, &o);
}

static inline void fake_take(struct fake_question *question)
{
	struct fake *fake = question->fake;

	if (question->connection)
		fake->over_tcp++;
	else
		fake->over_udp++;
	fake->last = *question;
	if (fake->behave)
		fake->behave(question);
}

static inline void fake_readable(uv_poll_t *poll, int status _unused_, int events _unused_)
{
	struct fake_question question = {.fake = poll->data};
	socklen_t length = sizeof(question.from);
	ssize_t n = recvfrom(question.fake->fd, question.message.at, sizeof(question.message.at),
			     MSG_DONTWAIT, (struct sockaddr *)&question.from, &length);

	if (n < 0)
		return;
	question.message.n = (size_t)n;
	fake_take(&question);
}

static inline void fake_connection_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static inline void fake_room(uv_handle_t *handle, size_t size _unused_, uv_buf_t *buf)
{
	struct fake_connection *c = handle->data;

	*buf = uv_buf_init((char *)c->in + c->have, (unsigned int)(sizeof(c->in) - c->have));
}

static inline void fake_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf _unused_)
{
	struct fake_connection *c = stream->data;
	struct fake_question question = {.fake = c->fake, .connection = c};

	if (n < 0) {
		uv_close((uv_handle_t *)stream, fake_connection_closed);
		return;
	}
	c->have += (size_t)n;
	if (c->have < 2 || c->have < 2u + dns_get16(c->in))
		return;
	octets_add(&question.message, c->in + 2, dns_get16(c->in));
	c->have = 0;
	fake_take(&question);
}

static inline void fake_connected(uv_stream_t *stream, int status)
{
	struct fake_connection *c = calloc(1, sizeof(*c));

	assert_int_equal(status, 0);
	assert_non_null(c);
	c->fake = stream->data;
	c->tcp.data = c;
	assert_int_equal(uv_tcp_init(c->fake->loop, &c->tcp), 0);
	assert_int_equal(uv_accept(stream, (uv_stream_t *)&c->tcp), 0);
	uv_read_start((uv_stream_t *)&c->tcp, fake_room, fake_came);
}

static inline int loopback_bind(int type, __u16 *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		assert_int_equal(errno, EADDRINUSE);
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* One port of loopback for both, listened on; one that is free for UDP need not be for TCP. */
static inline __u16 loopback_listen(int *ret_udp, int *ret_tcp)
{
	for (;;) {
		__u16 port = 0;

		*ret_udp = loopback_bind(SOCK_DGRAM, &port);
		*ret_tcp = loopback_bind(SOCK_STREAM, &port);
		if (*ret_tcp < 0) {
			close(*ret_udp);
			continue;
		}
		assert_int_equal(listen(*ret_tcp, 64), 0);
		return port;
	}
}

static inline void fake_bind(struct fake *fake)
{
	int tcp;

	fake->port = loopback_listen(&fake->fd, &tcp);
	assert_int_equal(uv_tcp_init(fake->loop, &fake->tcp), 0);
	assert_int_equal(uv_tcp_open(&fake->tcp, tcp), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&fake->tcp, 16, fake_connected), 0);
	assert_int_equal(uv_poll_init_socket(fake->loop, &fake->udp, fake->fd), 0);
	fake->udp.data = fake->tcp.data = fake;
	assert_int_equal(uv_poll_start(&fake->udp, UV_READABLE, fake_readable), 0);
}

static inline void fake_open(struct fake *fake, uv_loop_t *loop, const char *address,
			     void (*behave)(struct fake_question *question))
{
	*fake = (struct fake){.loop = loop, .address = address, .behave = behave};
	fake_bind(fake);
}

/* From now on nobody is there. */
static inline void fake_close(struct fake *fake)
{
	if (uv_is_closing((uv_handle_t *)&fake->udp))
		return;
	uv_close((uv_handle_t *)&fake->udp, NULL);
	uv_close((uv_handle_t *)&fake->tcp, NULL);
	close(fake->fd);
}

/* --- the loop ------------------------------------------------------------------------------------------ */

static inline void run_deadline(uv_timer_t *timer _unused_)
{
	fail_msg("it has not happened in time");
}

/* Until *@what is @value. */
static inline void run_until(uv_loop_t *loop, const unsigned int *what, unsigned int value)
{
	uv_timer_t deadline;

	uv_timer_init(loop, &deadline);
	uv_timer_start(&deadline, run_deadline, 20000, 0);
	while (*what < value)
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&deadline, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	assert_int_equal(*what, value);
}

static inline void run_over(uv_timer_t *timer)
{
	++*(unsigned int *)timer->data;
}

static inline void run_for(uv_loop_t *loop, unsigned int ms)
{
	unsigned int over = 0;
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	timer.data = &over;
	uv_update_time(loop);
	uv_timer_start(&timer, run_over, ms, 0);
	run_until(loop, &over, 1);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
}

/* Everything has to be closed by then: what is left open makes this fail. */
static inline void loop_end(uv_loop_t *loop)
{
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}
