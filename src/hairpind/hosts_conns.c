// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_conns.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "cleanup.h"
#include "unconst.h"

void hosts_conns_init(struct hosts_conns *conns)
{
	*conns = (struct hosts_conns){0};
	for (size_t i = 0; i < ARRAY_SIZE(conns->list); i++)
		conns->list[i].fd = -1;
}

static void conn_close(struct hosts_conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
}

void hosts_conns_clear(struct hosts_conns *conns)
{
	for (size_t i = 0; i < ARRAY_SIZE(conns->list); i++)
		conn_close(&conns->list[i]);
}

static size_t count_of(const struct hosts_conns *conns, const struct ip_addr *client)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(conns->list); i++)
		n += conns->list[i].fd >= 0 && ip_addr_equal(&conns->list[i].client, client);
	return n;
}

/* Free, or of the oldest that has said nothing whole; NULL: all are being answered. */
static struct hosts_conn *place_find(struct hosts_conns *conns)
{
	struct hosts_conn *oldest = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(conns->list); i++) {
		struct hosts_conn *conn = &conns->list[i];

		if (conn->fd < 0)
			return conn;
		if (conn->state == HOSTS_CONN_READING &&
		    (!oldest || conn->deadline_ms < oldest->deadline_ms))
			oldest = conn;
	}
	if (oldest) {
		conns->counts[HOSTS_LATE]++;
		conn_close(oldest);
	}
	return oldest;
}

void hosts_conns_add(struct hosts_conns *conns, int fd, const struct ip_addr *client,
		     __u32 listener, __u64 now_ms)
{
	struct hosts_conn *conn = NULL;

	if (count_of(conns, client) < LIMIT_HOSTS_PER_CLIENT)
		conn = place_find(conns);
	if (!conn) {
		conns->counts[HOSTS_LIMITED]++;
		close(fd);
		return;
	}
	*conn = (struct hosts_conn){.fd = fd,
				    .client = *client,
				    .listener = listener,
				    .serial = ++conns->serial,
				    .deadline_ms = now_ms + LIMIT_HOSTS_CONNECTION_MS};
}

static void conn_end(struct hosts_conns *conns, struct hosts_conn *conn, enum hosts_count why)
{
	conns->counts[why]++;
	conn_close(conn);
}

static bool request_take(struct hosts_conns *conns, struct hosts_conn *conn, __u64 now_ms,
			 struct hosts_message *ret_message)
{
	struct hosts_request request;
	int ret = hosts_request_read(conn->request, conn->have, &request);

	if (ret == -EAGAIN)
		return false;
	if (ret || !hosts_rate_take(&conns->rate, &conn->client, now_ms)) {
		conn_end(conns, conn, ret ? HOSTS_MALFORMED : HOSTS_LIMITED);
		return false;
	}
	conn->state = HOSTS_CONN_SIGNING;
	*ret_message = (struct hosts_message){.type = HOSTS_MESSAGE_SIGN,
					      .place = (__u32)(conn - conns->list),
					      .serial = conn->serial,
					      .listener = conn->listener};
	memcpy(ret_message->nonce, request.nonce, sizeof(request.nonce));
	return true;
}

bool hosts_conn_read(struct hosts_conns *conns, struct hosts_conn *conn, __u64 now_ms,
		     struct hosts_message *ret_message)
{
	ssize_t n =
		recv(conn->fd, conn->request + conn->have, sizeof(conn->request) - conn->have, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* It left, or ended its side before all was said. */
	if (n <= 0) {
		conn_end(conns, conn, HOSTS_MALFORMED);
		return false;
	}
	conn->have += (size_t)n;
	return request_take(conns, conn, now_ms, ret_message);
}

void hosts_conns_signed(struct hosts_conns *conns, const struct hosts_message *message)
{
	struct hosts_conn *conn;

	if (message->place >= ARRAY_SIZE(conns->list))
		return;
	conn = &conns->list[message->place];
	if (conn->fd < 0 || conn->serial != message->serial || conn->state != HOSTS_CONN_SIGNING)
		return;
	if (message->ret) {
		conn_close(conn);
		return;
	}
	hosts_answer_head_make(message->key, message->signature, conns->length, &conn->head);
	conn->state = HOSTS_CONN_SENDING;
	hosts_conn_write(conns, conn);
}

void hosts_conn_write(struct hosts_conns *conns, struct hosts_conn *conn)
{
	size_t in_head = conn->sent < sizeof(conn->head) ? conn->sent : sizeof(conn->head);
	size_t in_lines = conn->sent - in_head;
	const struct iovec parts[2] = {
		{(__u8 *)&conn->head + in_head, sizeof(conn->head) - in_head},
		{conns->lines + in_lines, conns->length - in_lines}};
	const struct msghdr message = {.msg_iov = unconst(parts), .msg_iovlen = 2};
	ssize_t n = sendmsg(conn->fd, &message, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		conn_end(conns, conn, HOSTS_LATE);
		return;
	}
	conn->sent += (size_t)n;
	if (conn->sent == sizeof(conn->head) + conns->length)
		conn_end(conns, conn, HOSTS_ANSWERED);
}

int hosts_conns_expire(struct hosts_conns *conns, __u64 now_ms)
{
	__u64 next_ms = ~0ULL;

	for (size_t i = 0; i < ARRAY_SIZE(conns->list); i++) {
		struct hosts_conn *conn = &conns->list[i];

		if (conn->fd < 0)
			continue;
		if (conn->deadline_ms <= now_ms)
			conn_end(conns, conn, HOSTS_LATE);
		else if (conn->deadline_ms < next_ms)
			next_ms = conn->deadline_ms;
	}
	return next_ms == ~0ULL ? -1 : (int)(next_ms - now_ms);
}
