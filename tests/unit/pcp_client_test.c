// SPDX-License-Identifier: GPL-2.0-or-later
/* The client of PCP without a network: what it sends when, whom it believes, and how it finds out that a router lost its table. */
#include "pcp_client.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct pcp_client client;
	struct portmap_listener listener;
	__u8 packet[PCP_MESSAGE_MAX]; /* sent last */
	size_t length;
	unsigned int sent, replied, heard, restarted;
	struct portmap_reply reply;
	struct portmap_peer peer;
};

static void on_send(void *data, const __u8 *packet, size_t length)
{
	struct world *world = data;

	memcpy(world->packet, packet, length);
	world->length = length;
	world->sent++;
}

static void on_reply(void *data, enum portmap_protocol protocol, const struct portmap_reply *reply)
{
	struct world *world = data;

	assert_int_equal(protocol, PORTMAP_PCP);
	world->reply = *reply;
	world->replied++;
}

static void on_heard(void *data, enum portmap_protocol protocol, const struct portmap_peer *peer,
		     bool has_restarted)
{
	struct world *world = data;

	assert_int_equal(protocol, PORTMAP_PCP);
	world->peer = *peer;
	world->heard++;
	world->restarted += has_restarted;
}

static void world_make(struct world *world)
{
	const struct ip_addr own = ip_addr_from_v4(htonl(0xc0a80b03));

	memset(world, 0, sizeof(*world));
	world->listener = (struct portmap_listener){world, on_reply, on_heard};
	pcp_client_init(&world->client, &world->listener, on_send, world);
	pcp_client_reset(&world->client, &own);
}

static struct portmap_request request_make(__u32 token)
{
	return (struct portmap_request){
		.token = token,
		.lifetime_s = 7200,
		.is_exact = true,
		.forward = {.proto = IPPROTO_TCP,
			    .external_port = (__u16)(8000 + token),
			    .internal_port = (__u16)(8000 + token),
			    .nonce = {7, (__u8)token}},
	};
}

/* The router's answer to what was sent last. */
static void answer(struct world *world, __u8 result, __u32 lifetime_s, __u32 epoch_s, __u64 now_ms)
{
	__u8 buf[PCP_MESSAGE_MAX];

	memcpy(buf, world->packet, world->length);
	buf[1] |= 0x80;
	buf[2] = 0;
	buf[3] = result;
	buf[4] = (__u8)(lifetime_s >> 24);
	buf[5] = (__u8)(lifetime_s >> 16);
	buf[6] = (__u8)(lifetime_s >> 8);
	buf[7] = (__u8)lifetime_s;
	memset(buf + 8, 0, 16);
	buf[8] = (__u8)(epoch_s >> 24);
	buf[9] = (__u8)(epoch_s >> 16);
	buf[10] = (__u8)(epoch_s >> 8);
	buf[11] = (__u8)epoch_s;
	if (world->length > 24)
		memcpy(buf + 56, (const __u8[]){203, 0, 113, 5}, 4);
	pcp_client_hear(&world->client, buf, world->length, now_ms);
}

static void test_granted(void **state)
{
	struct world world;
	struct portmap_request request = request_make(1);
	char text[IP_TEXT_MAX];

	(void)state;
	world_make(&world);
	assert_true(pcp_client_request(&world.client, &request, 1000));
	assert_int_equal(world.sent, 1);
	answer(&world, PCP_SUCCESS, 3600, 50, 1100);
	assert_int_equal(world.replied, 1);
	assert_int_equal(world.reply.token, 1);
	assert_int_equal(world.reply.outcome, PORTMAP_GRANTED);
	assert_int_equal(world.reply.external_port, 8001);
	assert_int_equal(world.reply.lifetime_s, 3600);
	assert_int_equal(world.peer.answer, PORTMAP_ANSWERS);
	assert_string_equal(ip_addr_format(&world.peer.external, text), "203.0.113.5");
	assert_true(pcp_client_next_ms(&world.client) == ~0ULL);
	/* The same once more is an answer to nothing. */
	answer(&world, PCP_SUCCESS, 3600, 50, 1100);
	assert_int_equal(world.replied, 1);
}

/* What each error means for the forward. */
static void test_outcomes(void **state)
{
	static const enum portmap_outcome wanted[] = {
		[PCP_SUCCESS] = PORTMAP_GRANTED,
		[PCP_UNSUPP_VERSION] = PORTMAP_UNUSABLE,
		[PCP_NOT_AUTHORIZED] = PORTMAP_REFUSED,
		[PCP_MALFORMED_REQUEST] = PORTMAP_UNUSABLE,
		[PCP_UNSUPP_OPCODE] = PORTMAP_UNUSABLE,
		[PCP_UNSUPP_OPTION] = PORTMAP_INEXACT,
		[PCP_MALFORMED_OPTION] = PORTMAP_INEXACT,
		[PCP_NETWORK_FAILURE] = PORTMAP_REFUSED,
		[PCP_NO_RESOURCES] = PORTMAP_REFUSED,
		[PCP_UNSUPP_PROTOCOL] = PORTMAP_REFUSED,
		[PCP_USER_EX_QUOTA] = PORTMAP_REFUSED,
		[PCP_CANNOT_PROVIDE_EXTERNAL] = PORTMAP_TAKEN,
		[PCP_ADDRESS_MISMATCH] = PORTMAP_UNUSABLE,
		[PCP_EXCESSIVE_REMOTE_PEERS] = PORTMAP_REFUSED,
		[PCP_RESULTS] = PORTMAP_REFUSED,
	};

	(void)state;
	for (__u8 result = 0; result <= PCP_RESULTS; result++) {
		struct portmap_request request = request_make(result);
		struct world world;

		world_make(&world);
		pcp_client_request(&world.client, &request, 1000);
		answer(&world, result, 999999, 50, 1100);
		assert_int_equal(world.replied, 1);
		assert_int_equal(world.reply.outcome, wanted[result]);
		/* RFC 6887 section 15: a day, and half an hour. */
		assert_int_equal(world.reply.lifetime_s, result ? 1800 : 86400);
		assert_int_equal(!*world.reply.words, !result);
	}
}

/* RFC 6887 section 8.1.1: after 3 s, give or take a tenth, then after twice that; and given up. */
static void test_retransmission(void **state)
{
	struct portmap_request request = request_make(1);
	struct world world;
	__u64 now = 1000, first, second;

	(void)state;
	world_make(&world);
	pcp_client_request(&world.client, &request, now);
	first = pcp_client_next_ms(&world.client) - now;
	assert_in_range(first, 2700, 3300);
	pcp_client_expire(&world.client, now + first - 1);
	assert_int_equal(world.sent, 1);
	now += first;
	pcp_client_expire(&world.client, now);
	assert_int_equal(world.sent, 2);
	second = pcp_client_next_ms(&world.client) - now;
	assert_in_range(second, first * 2 * 89 / 100, first * 2 * 111 / 100);
	now += second;
	pcp_client_expire(&world.client, now);
	assert_int_equal(world.sent, 3);
	assert_int_equal(world.replied, 0);
	now = pcp_client_next_ms(&world.client);
	pcp_client_expire(&world.client, now);
	assert_int_equal(world.sent, 3);
	assert_int_equal(world.reply.outcome, PORTMAP_NO_ANSWER);
	/* A late answer is none. */
	answer(&world, PCP_SUCCESS, 3600, 50, now);
	assert_int_equal(world.replied, 1);
}

/* One packet for a renewal: the next one has a time of its own (section 11.2.1). */
static void test_renewal(void **state)
{
	struct portmap_request request = request_make(1);
	struct world world;

	(void)state;
	request.is_renewal = true;
	world_make(&world);
	pcp_client_request(&world.client, &request, 1000);
	pcp_client_expire(&world.client, pcp_client_next_ms(&world.client));
	assert_int_equal(world.sent, 1);
	assert_int_equal(world.reply.outcome, PORTMAP_NO_ANSWER);
}

static void test_silent(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	pcp_client_probe(&world.client, 1000);
	while (pcp_client_next_ms(&world.client) != ~0ULL)
		pcp_client_expire(&world.client, pcp_client_next_ms(&world.client));
	assert_int_equal(world.sent, 3);
	assert_int_equal(world.peer.answer, PORTMAP_SILENT);
}

/* Another's nonce, port or protocol is no answer to ours. */
static void test_not_ours(void **state)
{
	static const size_t octets[] = {24, 35, 36, 40, 41};
	struct portmap_request request = request_make(1);
	struct world world;

	(void)state;
	world_make(&world);
	pcp_client_request(&world.client, &request, 1000);
	for (size_t i = 0; i < sizeof(octets) / sizeof(*octets); i++) {
		world.packet[octets[i]] ^= 1;
		answer(&world, PCP_SUCCESS, 3600, 50, 1100);
		assert_int_equal(world.replied, 0);
		world.packet[octets[i]] ^= 1;
	}
	answer(&world, PCP_SUCCESS, 3600, 50, 1100);
	assert_int_equal(world.replied, 1);
}

static void test_full(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	for (__u32 i = 0; i < PCP_IN_FLIGHT; i++) {
		struct portmap_request request = request_make(i);

		assert_false(pcp_client_is_full(&world.client));
		assert_true(pcp_client_request(&world.client, &request, 1000));
	}
	assert_true(pcp_client_is_full(&world.client));
	assert_false(pcp_client_request(&world.client, &(struct portmap_request){0}, 1000));
	answer(&world, PCP_SUCCESS, 3600, 50, 1100);
	assert_int_equal(world.reply.token, PCP_IN_FLIGHT - 1);
	assert_false(pcp_client_is_full(&world.client));
}

/* Unasked, from the group: its clock begins anew. */
static void test_announcement(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	pcp_client_probe(&world.client, 1000);
	answer(&world, PCP_SUCCESS, 0, 5000, 1000);
	assert_int_equal(world.peer.answer, PORTMAP_ANSWERS);
	answer(&world, PCP_SUCCESS, 0, 5010, 11000);
	assert_int_equal(world.restarted, 0);
	answer(&world, PCP_SUCCESS, 0, 3, 12000);
	assert_int_equal(world.restarted, 1);
}

static void test_natpmp_only(void **state)
{
	static const __u8 said[] = {0, 0x80, 0, 1, 0, 0, 0, 77};
	struct portmap_request request = request_make(1);
	struct world world;

	(void)state;
	world_make(&world);
	pcp_client_probe(&world.client, 1000);
	pcp_client_request(&world.client, &request, 1000);
	pcp_client_hear(&world.client, said, sizeof(said), 1100);
	assert_int_equal(world.peer.answer, PORTMAP_REFUSES);
	assert_string_equal(world.peer.words, "speaks NAT-PMP only");
	assert_int_equal(world.reply.outcome, PORTMAP_UNUSABLE);
	/* Of a router that speaks both, its announcement of NAT-PMP says nothing about PCP. */
	world_make(&world);
	pcp_client_probe(&world.client, 1000);
	answer(&world, PCP_SUCCESS, 0, 5000, 1000);
	pcp_client_hear(&world.client, said, sizeof(said), 1100);
	assert_int_equal(world.peer.answer, PORTMAP_ANSWERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granted),	       cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_retransmission), cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_silent),	       cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_full),	       cmocka_unit_test(test_announcement),
		cmocka_unit_test(test_natpmp_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
