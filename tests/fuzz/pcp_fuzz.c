// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a router sends to a client of PCP that has asked for two forwards: the first octet says how many seconds pass before it comes, the rest is the datagram.
 *
 * What must hold: an answer is taken by nothing but its own request, once; a grant has a lifetime within a day; texts end; and what was asked has an end, answered or not.
 */
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pcp_client.h"

struct world {
	unsigned int replies[2];
	unsigned int sent;
};

static void on_send(void *data, const __u8 *packet, size_t length)
{
	struct world *world = data;
	struct pcp_response response;

	world->sent++;
	assert(length == 24 || length == 64);
	/* A request is no answer. */
	assert(pcp_response_read(packet, length, &response));
}

static void on_reply(void *data, enum portmap_protocol protocol, const struct portmap_reply *reply)
{
	struct world *world = data;

	assert(protocol == PORTMAP_PCP && reply->token < 2);
	assert(!world->replies[reply->token]++);
	assert(reply->lifetime_s <= 86400);
	assert(reply->outcome != PORTMAP_GRANTED || reply->lifetime_s);
	assert(memchr(reply->words, 0, sizeof(reply->words)));
	assert(ip_addr_is_zero(&reply->external) || ip_addr_is_v4(&reply->external));
}

static void on_heard(void *data, enum portmap_protocol protocol, const struct portmap_peer *peer,
		     bool has_restarted)
{
	(void)data;
	(void)has_restarted;
	assert(protocol == PORTMAP_PCP && peer->answer <= PORTMAP_ANSWERS);
	assert(memchr(peer->words, 0, sizeof(peer->words)));
}

static void hear(struct pcp_client *client, const uint8_t *data, size_t size, __u64 now_ms)
{
	/* Of their own, so that what is read beyond them is seen. */
	__u8 *packet = malloc(size + !size);

	assert(packet);
	memcpy(packet, data, size);
	pcp_client_hear(client, packet, size, now_ms);
	pcp_client_hear(client, packet, size, now_ms + 1);
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = {0};
	const struct portmap_listener listener = {&world, on_reply, on_heard};
	const struct ip_addr own = ip_addr_from_v4(htonl(0xc0a80b03));
	struct pcp_client client;
	__u64 now_ms = 1000;

	if (!size)
		return 0;
	pcp_client_init(&client, &listener, on_send, &world);
	pcp_client_reset(&client, &own);
	pcp_client_probe(&client, now_ms);
	for (__u32 i = 0; i < 2; i++) {
		const struct portmap_request request = {
			.token = i,
			.lifetime_s = 7200,
			.is_exact = true,
			.forward = {.proto = i ? IPPROTO_UDP : IPPROTO_TCP,
				    .external_port = 8443,
				    .internal_port = 8443,
				    .nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}};

		assert(pcp_client_request(&client, &request, now_ms));
	}
	now_ms += data[0] * 100ULL;
	pcp_client_expire(&client, now_ms);
	hear(&client, data + 1, size - 1, now_ms);
	while (pcp_client_next_ms(&client) != ~0ULL) {
		assert(pcp_client_next_ms(&client) < 60000);
		pcp_client_expire(&client, pcp_client_next_ms(&client));
	}
	assert(world.replies[0] == 1 && world.replies[1] == 1 && world.sent <= 9);
	return 0;
}
