// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* One thread: what comes is looked at before anything else is read. A TLS record has some 16,000 octets at most. */
static __u8 scratch[32768];

struct outgoing {
	uv_write_t write;
	struct stream *stream;
	size_t n;
	__u8 *octets; /* owned */
};

/* --- the end -------------------------------------------------------------------------------------------- */

static void stream_unref(struct stream *stream)
{
	if (--stream->refs)
		return;
	tls_free(stream->tls);
	free(stream->rest);
	stream->events->closed(stream);
}

static void closed(uv_handle_t *handle)
{
	stream_unref(handle->data);
}

static void broken(struct stream *stream, const char *why)
{
	if (stream->is_closing)
		return;
	if (!*stream->fault)
		snprintf(stream->fault, sizeof(stream->fault), "%s",
			 stream->tls && *tls_fault(stream->tls) ? tls_fault(stream->tls) : why);
	stream->events->broken(stream);
}

const char *stream_fault(const struct stream *stream)
{
	return stream->fault;
}

/* --- out ------------------------------------------------------------------------------------------------ */

static void written(uv_write_t *write, int status)
{
	struct outgoing *outgoing = write->data;
	struct stream *stream = outgoing->stream;

	stream->unsent -= outgoing->n;
	if (status && !stream->is_closing)
		broken(stream, uv_strerror(status));
	else if (!stream->is_closing && !stream->unsent && stream->events->sent)
		stream->events->sent(stream);
	free(outgoing->octets);
	free(outgoing);
	stream_unref(stream);
}

/* @octets are taken whatever comes of it. */
static int send_away(struct stream *stream, __u8 *octets, size_t n)
{
	struct outgoing *outgoing = malloc(sizeof(*outgoing));
	uv_buf_t buf = uv_buf_init((char *)octets, (unsigned int)n);
	int ret;

	if (!outgoing) {
		free(octets);
		return -ENOMEM;
	}
	*outgoing = (struct outgoing){.stream = stream, .n = n, .octets = octets};
	outgoing->write.data = outgoing;
	ret = uv_write(&outgoing->write, (uv_stream_t *)&stream->tcp, &buf, 1, written);
	if (ret) {
		free(octets);
		free(outgoing);
		return ret;
	}
	stream->refs++;
	stream->unsent += n;
	return 0;
}

/* What TLS has to say, of ours or of its own. */
static int tls_flush(struct stream *stream)
{
	size_t n;
	__u8 *octets = tls_take(stream->tls, &n);

	return octets ? send_away(stream, octets, n) : 0;
}

int stream_write(struct stream *stream, const __u8 *octets, size_t n)
{
	__u8 *copy;
	int ret;

	if (stream->is_closing)
		return -EPIPE;
	if (stream->tls) {
		ret = tls_write(stream->tls, octets, n);
		return ret ? ret : tls_flush(stream);
	}
	copy = malloc(n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, octets, n);
	return send_away(stream, copy, n);
}

size_t stream_queued(const struct stream *stream)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&stream->tcp);
}

/* --- in ------------------------------------------------------------------------------------------------- */

static int rest_put(struct stream *stream, const __u8 *octets, size_t n)
{
	size_t left = stream->rest_length - stream->rest_at;
	__u8 *all = malloc(left + n);

	if (!all)
		return -ENOMEM;
	if (left)
		memcpy(all, stream->rest + stream->rest_at, left);
	memcpy(all + left, octets, n);
	free(stream->rest);
	stream->rest = all;
	stream->rest_length = left + n;
	stream->rest_at = 0;
	return 0;
}

static ssize_t rest_take(struct stream *stream, __u8 *to, size_t room)
{
	size_t n = stream->rest_length - stream->rest_at;

	if (!n)
		return stream->has_ended ? 0 : -EAGAIN;
	if (n > room)
		n = room;
	memcpy(to, stream->rest + stream->rest_at, n);
	stream->rest_at += n;
	if (stream->rest_at == stream->rest_length) {
		free(TAKE_PTR(stream->rest));
		stream->rest_length = stream->rest_at = 0;
	}
	return (ssize_t)n;
}

ssize_t stream_read(struct stream *stream, __u8 *to, size_t room)
{
	ssize_t n;
	int ret;

	if (stream->is_closing)
		return -EPIPE;
	if (!stream->tls)
		return rest_take(stream, to, room);
	n = tls_read(stream->tls, to, room);
	ret = tls_flush(stream);
	return n >= 0 && ret ? ret : n;
}

bool stream_is_open(const struct stream *stream)
{
	return stream->is_open && !stream->is_closing && (!stream->tls || tls_is_open(stream->tls));
}

/* Before anything of ours may be said, TLS has to be through with its own. */
static void go_ready(struct stream *stream)
{
	int ret = stream->tls ? tls_shake(stream->tls) : 0;

	/* Also what it says where it broke off: the other end is to know why. */
	if (stream->tls && tls_flush(stream) && !ret)
		ret = -ENOMEM;
	if (ret == -EAGAIN && !stream->has_ended)
		return;
	if (ret) {
		broken(stream,
		       ret == -EAGAIN ? "the connection ended in the handshake" : strerror(-ret));
		return;
	}
	stream->events->ready(stream);
}

static void room_give(uv_handle_t *handle _unused_, size_t size _unused_, uv_buf_t *buf)
{
	*buf = uv_buf_init((char *)scratch, sizeof(scratch));
}

static void came(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf _unused_)
{
	struct stream *stream = handle->data;
	int ret = 0;

	if (!n)
		return;
	if (n < 0 && n != UV_EOF) {
		broken(stream, uv_strerror((int)n));
		return;
	}
	if (n == UV_EOF) {
		stream->has_ended = true;
		stream_hold(stream);
		n = 0;
	}
	if (stream->tls)
		ret = tls_put(stream->tls, scratch, (size_t)n);
	else if (n)
		ret = rest_put(stream, scratch, (size_t)n);
	if (ret)
		broken(stream, strerror(-ret));
	else
		go_ready(stream);
}

void stream_hold(struct stream *stream)
{
	if (stream->is_reading)
		uv_read_stop((uv_stream_t *)&stream->tcp);
	stream->is_reading = false;
}

void stream_go_on(struct stream *stream)
{
	if (stream->is_closing || stream->is_reading || stream->has_ended)
		return;
	stream->is_reading = !uv_read_start((uv_stream_t *)&stream->tcp, room_give, came);
}

/* --- the beginning -------------------------------------------------------------------------------------- */

void stream_init(struct stream *stream, uv_loop_t *loop, const struct stream_events *events)
{
	*stream = (struct stream){.events = events, .refs = 1};
	uv_tcp_init(loop, &stream->tcp);
	stream->tcp.data = stream;
}

/* What is written is whole and written at once: Nagle would hold back each but the first until the other end acknowledges it. */
static void opened(struct stream *stream)
{
	stream->is_open = true;
	uv_tcp_nodelay(&stream->tcp, 1);
	stream_go_on(stream);
}

int stream_accept(struct stream *stream, uv_stream_t *listener)
{
	int ret = uv_accept(listener, (uv_stream_t *)&stream->tcp);

	if (!ret)
		opened(stream);
	return ret;
}

void stream_secure(struct stream *stream, struct tls *tls)
{
	stream->tls = tls;
}

static void connected(uv_connect_t *connect, int status)
{
	struct stream *stream = connect->data;

	free(connect);
	if (!stream->is_closing && status) {
		broken(stream, uv_strerror(status));
	} else if (!stream->is_closing) {
		opened(stream);
		go_ready(stream);
	}
	stream_unref(stream);
}

int stream_connect(struct stream *stream, const struct ip_addr *addr, __u16 port, struct tls *tls)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	bool is_v4 = ip_addr_is_v4(addr);
	uv_connect_t *connect = malloc(sizeof(*connect));
	int ret;

	stream->tls = tls;
	if (!connect)
		return -ENOMEM;
	if (is_v4)
		v4.sin_addr.s_addr = ip_addr_v4(addr);
	else
		memcpy(&v6.sin6_addr, addr->b, sizeof(v6.sin6_addr));
	connect->data = stream;
	ret = uv_tcp_connect(connect, &stream->tcp,
			     is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6,
			     connected);
	if (ret)
		free(connect);
	else
		stream->refs++;
	return ret;
}

void stream_close(struct stream *stream)
{
	if (stream->is_closing)
		return;
	if (stream->tls && stream_is_open(stream)) {
		size_t n;
		_free_ __u8 *octets = NULL;
		uv_buf_t buf;

		/* As far as it goes now: nobody waits for that. */
		tls_bye(stream->tls);
		octets = tls_take(stream->tls, &n);
		buf = uv_buf_init((char *)octets, (unsigned int)n);
		if (octets)
			uv_try_write((uv_stream_t *)&stream->tcp, &buf, 1);
	}
	stream->is_closing = true;
	uv_close((uv_handle_t *)&stream->tcp, closed);
}
