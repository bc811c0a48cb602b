// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_internal.h"

/* One of a batch: the query as it lies there, and its answer. */
struct slot {
	__u8 in[LIMIT_DNS_QUERY_BYTES];
	__u8 out[DNS_UDP_MAX];
	struct sockaddr_storage from;
	socklen_t from_length;
	size_t out_length; /* 0: nothing is to be sent, or it is on its way */
	struct iovec in_at;
};

/* The length of each datagram, where a message is several. */
union segment {
	char control[CMSG_SPACE(sizeof(__u16))];
	struct cmsghdr align;
};

struct udp_batch {
	struct slot slots[LIMIT_DNS_BATCH];
	struct mmsghdr in[LIMIT_DNS_BATCH], out[LIMIT_DNS_BATCH];
	struct iovec out_at[LIMIT_DNS_BATCH];
	union segment segments[LIMIT_DNS_BATCH];
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

/* --- sending ------------------------------------------------------------------------------------------ */

/* Family, port and, of IPv4, the address: where two clients are not the same, they differ here. */
static __u64 head_of(const struct sockaddr_storage *addr)
{
	__u64 head;

	memcpy(&head, addr, sizeof(head));
	return head;
}

static bool is_alike(const struct slot *a, size_t out_length, const struct slot *b)
{
	return a->out_length == out_length && head_of(&a->from) == head_of(&b->from) &&
	       a->from_length == b->from_length && !memcmp(&a->from, &b->from, a->from_length);
}

/*
 * How many answers from @first on, of @n, go out as one message: all of one length to one client. They are noted at @at. Each of a batch is held against each behind it, which with
 * as many clients is all that comes of it.
 */
static unsigned int alike_take(struct slot *first, size_t n, struct iovec *at)
{
	const size_t out_length = first->out_length; /* that of @first is taken as well */
	unsigned int taken = 0;

	for (struct slot *slot = first; slot < first + n; slot++) {
		if (!is_alike(slot, out_length, first))
			continue;
		at[taken++] = (struct iovec){slot->out, out_length};
		slot->out_length = 0;
	}
	return taken;
}

static void segment_set(struct msghdr *message, union segment *segment)
{
	struct cmsghdr *header = &segment->align;
	__u16 length = (__u16)message->msg_iov->iov_len;

	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(length)),
				   .cmsg_level = SOL_UDP,
				   .cmsg_type = UDP_SEGMENT};
	memcpy(CMSG_DATA(header), &length, sizeof(length));
	message->msg_control = segment->control;
	message->msg_controllen = sizeof(segment->control);
}

/*
 * Answers of the first @n slots as messages; how many. Datagrams of one length to one client are one message that the kernel takes apart where they arrive or leave
 * (UDP_SEGMENT): a client that asks much at once is answered with one walk through routes and filters, which cost more than all that is done here.
 */
static unsigned int messages_make(const struct place *place, size_t n)
{
	struct udp_batch *batch = place->server->batch;
	struct iovec *at = batch->out_at;
	unsigned int out = 0;

	for (size_t i = 0; i < n; i++) {
		struct slot *slot = &batch->slots[i];
		struct msghdr *message = &batch->out[out].msg_hdr;

		if (!slot->out_length)
			continue;
		*message = (struct msghdr){
			.msg_iov = at, .msg_name = &slot->from, .msg_namelen = slot->from_length};
		message->msg_iovlen = alike_take(slot, place->is_one_by_one ? 1 : n - i, at);
		if (message->msg_iovlen > 1)
			segment_set(message, &batch->segments[out]);
		at += message->msg_iovlen;
		out++;
	}
	return out;
}

/*
 * What the kernel or the device would not take as one. EIO is said of a device that makes no checksums (before Linux 6.11): it is not tried there again. Others are about one
 * client, a smaller MTU on its path (EINVAL) or more than a datagram holds (EMSGSIZE), and no one of them may make it dearer for all.
 */
static void segments_send(struct place *place, const struct msghdr *message)
{
	place->is_one_by_one |= errno == EIO;
	for (size_t i = 0; i < (size_t)message->msg_iovlen; i++)
		sendto(place->udp_fd, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len,
		       MSG_DONTWAIT, message->msg_name, message->msg_namelen);
}

/*
 * What is not taken at once is lost, as datagrams are: a client that floods us does not make the others wait. One that cannot be answered (port 0, an address that
 * nothing leads to any more) loses its own answer and not those behind it: sendmmsg() stops there.
 */
static void batch_send(struct place *place, size_t n_slots)
{
	struct mmsghdr *out = place->server->batch->out;
	unsigned int n = messages_make(place, n_slots);

	while (n) {
		int sent = sendmmsg(place->udp_fd, out, n, MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return;
		/* None was sent: it is the first that cannot be. */
		if (sent <= 0) {
			if (out->msg_hdr.msg_iovlen > 1)
				segments_send(place, &out->msg_hdr);
			sent = 1;
		}
		out += sent;
		n -= (unsigned int)sent;
	}
}

/* --- reading ------------------------------------------------------------------------------------------ */

static void batch_answer(struct place *place, size_t n)
{
	struct udp_batch *batch = place->server->batch;

	for (size_t i = 0; i < n; i++) {
		struct slot *slot = &batch->slots[i];

		slot->from_length = batch->in[i].msg_hdr.msg_namelen;
		/* What is longer than any query was cut by the kernel, and is told so: FORMERR, as a record is cut too. */
		slot->out_length = slot_answer(place, slot, &batch->in[i]);
	}
	batch_send(place, n);
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
		batch_answer(place, (size_t)n);
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
