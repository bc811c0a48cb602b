// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_internal.h"

/* One of a batch: the query as it lies there, and its answer. */
struct slot {
	__u8 in[LIMIT_DNS_QUERY_BYTES];
	__u8 out[DNS_UDP_MAX];
	struct sockaddr_storage from;
	struct iovec in_at, out_at;
};

struct udp_batch {
	struct slot slots[LIMIT_DNS_BATCH];
	struct mmsghdr in[LIMIT_DNS_BATCH], out[LIMIT_DNS_BATCH];
};

/* Somebody who asked over UDP. */
struct udp_waiting {
	struct dns_waiting waiting; /* first: what is given back is this */
	struct place *place;
	struct sockaddr_storage from;
	socklen_t from_length;
};

struct udp_batch *udp_batch_make(void)
{
	struct udp_batch *batch = calloc(1, sizeof(*batch));

	for (size_t i = 0; i < LIMIT_DNS_BATCH && batch; i++) {
		struct slot *slot = &batch->slots[i];

		slot->in_at = (struct iovec){slot->in, sizeof(slot->in)};
		batch->in[i].msg_hdr = (struct msghdr){
			.msg_iov = &slot->in_at, .msg_iovlen = 1, .msg_name = &slot->from};
	}
	return batch;
}

static void waited(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct udp_waiting *one = (struct udp_waiting *)waiting;

	if (n)
		sendto(one->place->udp_fd, message, n, MSG_DONTWAIT, (struct sockaddr *)&one->from,
		       one->from_length);
	place_unref(one->place);
	free(one);
}

static void wait_for(struct place *place, const struct dns_asked *asked,
		     const struct dns_query *query, const struct msghdr *from)
{
	struct udp_waiting *one = calloc(1, sizeof(*one));

	/* The client asks again; there is no memory to tell it so. */
	if (!one)
		return;
	one->waiting.send = waited;
	one->place = place;
	place->refs++;
	memcpy(&one->from, from->msg_name, from->msg_namelen);
	one->from_length = from->msg_namelen;
	dns_resolver_wait(place->server->resolver, asked, query, &one->waiting);
}

/* Octets of the answer in slot->out. */
static size_t slot_answer(struct place *place, struct slot *slot, const struct mmsghdr *in)
{
	struct dns_asked asked = {.message = slot->in,
				  .length = in->msg_len,
				  .client = client_of(&slot->from),
				  .segment = place_segment(place),
				  .is_datagram = true};
	struct dns_query query;
	int n = dns_resolver_ask(place->server->resolver, &asked, slot->out, &query);

	if (n != -EINPROGRESS)
		return n > 0 ? (size_t)n : 0;
	wait_for(place, &asked, &query, &in->msg_hdr);
	return 0;
}

/*
 * What is not taken at once is lost, as datagrams are: a client that floods us does not make the others wait. One that cannot be answered (port 0, an address that
 * nothing leads to any more) loses its own answer and not those behind it: sendmmsg() stops there.
 */
static void batch_send(struct place *place, struct mmsghdr *out, unsigned int n)
{
	while (n) {
		int sent = sendmmsg(place->udp_fd, out, n, MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return;
		/* None was sent: it is the first that cannot be. */
		sent = sent > 0 ? sent : 1;
		out += sent;
		n -= (unsigned int)sent;
	}
}

static void batch_answer(struct place *place, int n)
{
	struct udp_batch *batch = place->server->batch;
	unsigned int out = 0;

	for (int i = 0; i < n; i++) {
		struct slot *slot = &batch->slots[i];
		/* What is longer than any query was cut by the kernel, and is told so: FORMERR, as a record is cut too. */
		size_t length = slot_answer(place, slot, &batch->in[i]);

		if (!length)
			continue;
		slot->out_at = (struct iovec){slot->out, length};
		batch->out[out++].msg_hdr =
			(struct msghdr){.msg_iov = &slot->out_at,
					.msg_iovlen = 1,
					.msg_name = &slot->from,
					.msg_namelen = batch->in[i].msg_hdr.msg_namelen};
	}
	batch_send(place, batch->out, out);
}

void udp_read(struct place *place)
{
	struct udp_batch *batch = place->server->batch;

	for (unsigned int round = 0; round < LIMIT_DNS_BATCHES; round++) {
		int n;

		for (size_t i = 0; i < LIMIT_DNS_BATCH; i++)
			batch->in[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
		n = recvmmsg(place->udp_fd, batch->in, LIMIT_DNS_BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		batch_answer(place, n);
		if (n < LIMIT_DNS_BATCH)
			return;
	}
}

static void readable(uv_poll_t *poll, int status, int events)
{
	(void)events;
	udp_read(poll->data);
	/* An error of the socket, which reading has taken: libuv has stopped to listen there. */
	if (status < 0)
		udp_start(poll->data);
}

void udp_start(struct place *place)
{
	uv_poll_start(&place->udp, UV_READABLE, readable);
}
