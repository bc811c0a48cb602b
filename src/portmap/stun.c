// SPDX-License-Identifier: GPL-2.0-or-later
#include "stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "cleanup.h"
#include "octets.h"

#define COOKIE 0x2112a442u
#define TYPE_REQUEST 0x0001
#define TYPE_SUCCESS 0x0101
#define TYPE_ERROR 0x0111
#define ATTRIBUTE_MAPPED 0x0001
#define ATTRIBUTE_XOR_MAPPED 0x0020
#define FAMILY_IPV4 1
#define ADDRESS_BYTES 8 /* of IPv4 with family and port */

/* RFC 8489 section 6.2.1: RTO 500 ms, doubled; five of its seven transmissions, as a server that does not answer for 16 s is out. */
#define RTO_MS 500
#define TRANSMISSIONS 5
/* Between two requests: a change of the address is followed within that, and NATs on the way keep no state for it. */
#define AGAIN_MS 60000
/* A server that did not answer, at first. */
#define AGAIN_SOON_MS 10000

void stun_request_write(const __u8 id[STUN_ID_BYTES], __u8 buf[STUN_REQUEST_BYTES])
{
	static const __u8 head[] = {0, TYPE_REQUEST, 0, 0, 0x21, 0x12, 0xa4, 0x42};

	memcpy(buf, head, sizeof(head));
	memcpy(buf + sizeof(head), id, STUN_ID_BYTES);
}

static bool address_read(const __u8 *at, size_t length, __u32 mask, struct ip_addr *ret_addr)
{
	if (length < ADDRESS_BYTES || at[1] != FAMILY_IPV4)
		return false;
	*ret_addr = ip_addr_from_v4(htonl(octets_get32(at + 4) ^ mask));
	return true;
}

static int attributes_read(const __u8 *at, size_t length, struct ip_addr *ret_external)
{
	bool has_xor = false, has_plain = false;
	struct ip_addr plain = {0};

	while (length) {
		size_t bytes;

		if (length < 4)
			return -EBADMSG;
		bytes = octets_get16(at + 2);
		if (((bytes + 3) & ~(size_t)3) > length - 4)
			return -EBADMSG;
		/* Of two of a kind the first counts (section 14). */
		if (octets_get16(at) == ATTRIBUTE_XOR_MAPPED && !has_xor)
			has_xor = address_read(at + 4, bytes, COOKIE, ret_external);
		else if (octets_get16(at) == ATTRIBUTE_MAPPED && !has_plain)
			has_plain = address_read(at + 4, bytes, 0, &plain);
		bytes = 4 + ((bytes + 3) & ~(size_t)3);
		at += bytes;
		length -= bytes;
	}
	if (!has_xor && has_plain)
		*ret_external = plain;
	return has_xor || has_plain ? 0 : -ENODATA;
}

int stun_response_read(const __u8 id[STUN_ID_BYTES], const __u8 *buf, size_t length,
		       struct ip_addr *ret_external)
{
	struct ip_addr external = {0};
	int ret;

	if (length < STUN_REQUEST_BYTES || length > STUN_MESSAGE_MAX || length % 4 ||
	    octets_get16(buf + 2) != length - STUN_REQUEST_BYTES ||
	    octets_get32(buf + 4) != COOKIE || memcmp(buf + 8, id, STUN_ID_BYTES))
		return -EBADMSG;
	if (octets_get16(buf) == TYPE_ERROR)
		return -ECONNREFUSED;
	if (octets_get16(buf) != TYPE_SUCCESS)
		return -EBADMSG;
	ret = attributes_read(buf + STUN_REQUEST_BYTES, length - STUN_REQUEST_BYTES, &external);
	if (!ret)
		*ret_external = external;
	return ret;
}

/* --- the client ------------------------------------------------------------------------------------------ */

static bool server_equal(const struct portmap_server *a, const struct portmap_server *b)
{
	return a->port == b->port && ip_addr_equal(&a->addr, &b->addr);
}

static struct stun_ask *ask_find(struct stun_client *client, const struct portmap_server *server)
{
	for (size_t i = 0; i < client->n; i++) {
		if (server_equal(&client->asks[i].said.server, server))
			return &client->asks[i];
	}
	return NULL;
}

void stun_client_set(struct stun_client *client, const struct portmap_server *servers, size_t n,
		     __u64 now_ms)
{
	struct stun_client next = {.n = n};

	for (size_t i = 0; i < n; i++) {
		const struct stun_ask *before = ask_find(client, &servers[i]);

		next.asks[i] = before ? *before
				      : (struct stun_ask){.said = {.server = servers[i],
								   .answer = PORTMAP_ASKING},
							  .due_ms = now_ms};
	}
	*client = next;
}

void stun_client_again(struct stun_client *client, __u64 now_ms)
{
	for (size_t i = 0; i < client->n; i++) {
		client->asks[i].sent = 0;
		client->asks[i].due_ms = now_ms;
	}
}

static void ask_send(struct stun_ask *ask, __u64 now_ms, __u8 buf[STUN_REQUEST_BYTES])
{
	if (!ask->sent && getrandom(ask->id, sizeof(ask->id), 0) != sizeof(ask->id))
		memcpy(ask->id, &now_ms, sizeof(now_ms));
	stun_request_write(ask->id, buf);
	ask->due_ms = now_ms + ((__u64)RTO_MS << ask->sent);
	ask->sent++;
}

static bool ask_end(struct stun_ask *ask, enum portmap_answer answer, __u64 due_ms)
{
	bool changed = ask->said.answer != answer;

	ask->said.answer = answer;
	if (answer != PORTMAP_ANSWERS)
		ask->said.external = (struct ip_addr){0};
	ask->sent = 0;
	ask->due_ms = due_ms;
	return changed;
}

const struct portmap_server *stun_client_due(struct stun_client *client, __u64 now_ms,
					     __u8 buf[STUN_REQUEST_BYTES], bool *ret_changed)
{
	for (size_t i = 0; i < client->n; i++) {
		struct stun_ask *ask = &client->asks[i];
		bool was_asking = ask->said.answer == PORTMAP_ASKING;

		if (ask->due_ms > now_ms)
			continue;
		if (ask->sent < TRANSMISSIONS) {
			ask_send(ask, now_ms, buf);
			return &ask->said.server;
		}
		*ret_changed |= ask_end(ask, PORTMAP_SILENT,
					now_ms + (was_asking ? AGAIN_SOON_MS : AGAIN_MS));
	}
	return NULL;
}

__u64 stun_client_next_ms(const struct stun_client *client)
{
	__u64 next = ~0ULL;

	for (size_t i = 0; i < client->n; i++)
		next = client->asks[i].due_ms < next ? client->asks[i].due_ms : next;
	return next;
}

bool stun_client_hear(struct stun_client *client, const struct portmap_server *from,
		      const __u8 *buf, size_t length, __u64 now_ms)
{
	struct stun_ask *ask = ask_find(client, from);
	struct ip_addr external;
	bool changed;
	int ret;

	/* Without a request on its way the number is one that was used up. */
	if (!ask || !ask->sent)
		return false;
	ret = stun_response_read(ask->id, buf, length, &external);
	if (ret == -EBADMSG)
		return false;
	if (ret)
		return ask_end(ask, PORTMAP_REFUSES, now_ms + AGAIN_MS);
	changed = ask_end(ask, PORTMAP_ANSWERS, now_ms + AGAIN_MS) ||
		  !ip_addr_equal(&ask->said.external, &external);
	ask->said.external = external;
	return changed;
}
